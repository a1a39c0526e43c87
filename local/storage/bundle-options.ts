const UNUSED = "./local/storage/unused-module.cjs"

/**
 * Options for esbuild's `build`, with the repository's root as `absWorkingDir`. Azurite loads these packages for what we
 * leave out: telemetry, its log, copying from URLs, OAuth, an HTTP client, request bodies of Express, cleaning up.
 * A package that one of our own parts needs must not stand here: the aliases hold for all entries of the build.
 */
export const storageBundleOptions = {
  alias: Object.fromEntries(
    [
      "applicationinsights",
      "axios",
      "body-parser",
      "form-data",
      "jsonwebtoken",
      "morgan",
      "rimraf",
      "serve-static",
      "tough-cookie",
      "tunnel",
      "winston",
    ].map((name) => [name, UNUSED]),
  ),
}
