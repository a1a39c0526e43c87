import { mkdir, mkdtemp, writeFile } from "node:fs/promises"
import path from "node:path"

const apps = path.join(import.meta.dirname, "../../../node_modules/.cache/functions-host-apps")

/** An app of a few lines, in a folder where it finds `@azure/functions`. */
export async function writeApp(code: string, fileName = "app.mjs"): Promise<string> {
  await mkdir(apps, { recursive: true })
  const file = path.join(await mkdtemp(path.join(apps, "app-")), fileName)
  await writeFile(file, code)
  return file
}

/** An app that registers one function with `app.<kind>("it", options)`. */
export function oneFunction(kind: string, options: string): Promise<string> {
  return writeApp(`import { app } from "@azure/functions"\napp.${kind}("it", ${options})\n`)
}
