import Module from "node:module"

class Disposable {
  dispose() {}
}

/**
 * Lets a function app load without a host: `@azure/functions-core` becomes a stand-in that takes every registration. Without
 * one the Functions library falls into a test mode that registers nothing, silently (functions-host, "Contract").
 *
 * @param {(name: string) => void} onFunction called with the name of each function that the app registers
 */
export function standInForCore(onFunction = () => {}) {
  const core = {
    version: "4.0.0",
    hostVersion: "4.0.0",
    setProgrammingModel() {},
    getProgrammingModel: () => undefined,
    registerFunction(/** @type {{ name: string }} */ { name }) {
      onFunction(name)
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
}
