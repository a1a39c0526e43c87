// Makes the bundles: dist/functions.mjs (the app that `main` names), dist/builder.mjs (the builder) and dist/local/*.mjs (the
// parts of the local stack, so that it starts in a fraction of the time that loading from node_modules takes).
import { existsSync, rmSync } from "node:fs"
import { rm } from "node:fs/promises"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "esbuild"

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..")
const dist = path.join(root, "dist")

/** CommonJS dependencies call require(); an ES module has none of its own (functions-host, "Contract"). */
const banner = {
  js: 'import { createRequire as slipwayCreateRequire } from "node:module"; const require = slipwayCreateRequire(import.meta.url);',
}

/** @type {import("esbuild").BuildOptions} */
const common = {
  bundle: true,
  platform: "node",
  target: "node22",
  format: "esm",
  splitting: true,
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: "none",
  sourcemap: false,
  banner,
  absWorkingDir: root,
  outdir: dist,
  outExtension: { ".js": ".mjs" },
  chunkNames: "chunks/[name]-[hash]",
  logLevel: "warning",
}

/** The function app and the builder: what is deployed. */
export async function buildProduct() {
  await build({
    ...common,
    entryPoints: { functions: "functions/index.ts", builder: "builder/main.ts" },
    external: ["@azure/functions-core"],
  })
}

/** The parts of the local stack, one entry a folder that has a main.ts. */
export async function buildLocal() {
  const folders = ["service-bus", "functions-host", "storage", "front"]
  const entries = folders.map((folder) => [`local/${folder}`, `local/${folder}/main.ts`])
  const cli = ["start", "status", "stop"].map((name) => [`local/cli-${name}`, `local/cli/${name}.ts`])
  const present = [...entries, ...cli].filter(([, source]) => existsSync(path.join(root, source ?? "")))
  const storage = path.join(root, "local/storage/bundle-options.ts")
  const extra = existsSync(storage) ? (await import("../local/storage/bundle-options.ts")).storageBundleOptions : {}
  await build({ ...common, ...extra, entryPoints: Object.fromEntries(present) })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  rmSync(dist, { recursive: true, force: true })
  await rm(dist, { recursive: true, force: true })
  await Promise.all([buildProduct(), buildLocal()])
}
