// Loads the built bundle as the Functions worker does and compares what it registers with what `functions/` declares. Without
// `@azure/functions-core` the library falls into a test mode that registers nothing, silently (functions-host, "Contract").
import { readdirSync, readFileSync } from "node:fs"
import Module from "node:module"
import path from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..")
const REGISTRATION = /(?:functions\.(?:http|timer|serviceBusQueue)|(?:arm|registry|builder)Operation)\(\s*"(\w+)"/g

const declared = new Set()
for (const file of readdirSync(path.join(root, "functions"), { recursive: true, encoding: "utf8" })) {
  if (!file.endsWith(".ts")) continue
  const text = readFileSync(path.join(root, "functions", file), "utf8")
  for (const [, name] of text.matchAll(REGISTRATION)) declared.add(name)
}

const registered = new Set()
class Disposable {
  dispose() {}
}
const core = {
  version: "4.0.0",
  hostVersion: "4.0.0",
  setProgrammingModel() {},
  getProgrammingModel: () => undefined,
  registerFunction(/** @type {{ name: string }} */ { name }) {
    registered.add(name)
    return new Disposable()
  },
  registerHook: () => new Disposable(),
  log() {},
  Disposable,
}
const { require: original } = Module.prototype
Module.prototype.require = Object.assign(
  /** @this {NodeModule} */ function requireCore(/** @type {string} */ id) {
    return id === "@azure/functions-core" ? core : original.call(this, id)
  },
  original,
)

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
