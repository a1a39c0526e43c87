import Module from "node:module"

type Require = (this: unknown, id: string) => unknown

/**
 * From now on `require("@azure/functions-core")` gives `coreApi`, to CommonJS, to ES modules through `createRequire` and to
 * bundles. The module is on no registry: the real worker provides it the same way, and without it the library falls into a
 * test mode that registers nothing.
 */
export function provideCoreApi(coreApi: object): void {
  const prototype: { require: Require } = Module.prototype
  const original = prototype.require
  prototype.require = function require(id) {
    return id === "@azure/functions-core" ? coreApi : original.call(this, id)
  }
}
