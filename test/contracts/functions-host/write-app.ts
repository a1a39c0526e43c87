import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import path from "node:path"
import { onTestFinished } from "vitest"

const apps = path.join(import.meta.dirname, "../../../node_modules/.cache/functions-host-apps")

/** An app of a few lines, in a folder where it finds `@azure/functions`, for the present test. */
export async function writeApp(code: string, fileName = "app.mjs"): Promise<string> {
  await mkdir(apps, { recursive: true })
  const folder = await mkdtemp(path.join(apps, "app-"))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = path.join(folder, fileName)
  await writeFile(file, code)
  return file
}

/** An app that registers one function with `app.<kind>("it", options)`. */
export function oneFunction(kind: string, options: string): Promise<string> {
  return writeApp(`import { app } from "@azure/functions"\napp.${kind}("it", ${options})\n`)
}
