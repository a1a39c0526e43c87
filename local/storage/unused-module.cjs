// Takes the place, in the bundle only, of modules that Azurite loads and our two servers never use (bundle-options.ts). It
// can be called, constructed, extended and asked for anything: loading code that merely prepares for use does not fail.
/** @type {object} */
const unused = new Proxy(class Unused {}, {
  get: (target, key) => (key === "prototype" ? target.prototype : isProbe(key) ? undefined : unused),
  apply: () => unused,
  construct: () => unused,
  set: () => true,
})

/** Asked by `await`, by `util.promisify` and by module loading to find out what this is: it is nothing of the kind. */
/** @param {string | symbol} key */
function isProbe(key) {
  return typeof key === "symbol" || key === "then" || key === "__esModule"
}

module.exports = unused
