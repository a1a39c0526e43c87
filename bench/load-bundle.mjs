// Prints how many milliseconds the import of a function app takes. The platform's core is a stand-in that takes every
// registration: without one the Functions library goes into a test mode.
import Module from "node:module"
import { pathToFileURL } from "node:url"

class Disposable {
  dispose() {}
}
const core = {
  version: "4.0.0",
  hostVersion: "4.0.0",
  setProgrammingModel() {},
  getProgrammingModel: () => undefined,
  registerFunction: () => new Disposable(),
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

const { href } = pathToFileURL(process.argv[2] ?? "")
const startedAt = performance.now()
await import(href)
process.stdout.write(String(performance.now() - startedAt))
process.exit(0)
