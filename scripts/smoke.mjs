// Loads the built bundle as the Functions worker does and compares what it registers with what `functions/` declares.
import { readdirSync, readFileSync } from "node:fs"
import path from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { standInForCore } from "./stand-in-core.mjs"

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..")
const REGISTRATION = /(?:functions\.(?:http|timer|serviceBusQueue)|(?:arm|registry|builder)Operation)\(\s*"(\w+)"/g

const declared = new Set()
for (const file of readdirSync(path.join(root, "functions"), { recursive: true, encoding: "utf8" })) {
  if (!file.endsWith(".ts")) continue
  const text = readFileSync(path.join(root, "functions", file), "utf8")
  for (const [, name] of text.matchAll(REGISTRATION)) declared.add(name)
}

const registered = new Set()
standInForCore((name) => registered.add(name))
const { main } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"))
await import(pathToFileURL(path.join(root, main)).href)

const missing = [...declared].filter((name) => !registered.has(name))
const surplus = [...registered].filter((name) => !declared.has(name))
if (missing.length > 0 || surplus.length > 0) {
  console.error(
    `smoke: ${main} does not register ${missing.join(", ") || "-"}; it registers unknown ${surplus.join(", ") || "-"}`,
  )
  process.exit(1)
}
console.log(`smoke: ${main} registers all ${registered.size} functions`)
process.exit(0)
