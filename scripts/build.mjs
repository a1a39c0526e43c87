// Makes the bundles: dist/functions.mjs (the app that `main` names), dist/builder.mjs (the builder) and dist/local/*.mjs (the
// parts of the local stack, so that it starts in a fraction of the time that loading from node_modules takes).
import { existsSync } from "node:fs"
import { readdir, rename, rm, stat, utimes, writeFile } from "node:fs/promises"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "esbuild"

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..")
const dist = path.join(root, "dist")
/** Made beside and moved into place when all is well: a stack that runs never sees half a build. */
const fresh = path.join(root, `dist.${process.pid}`)

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
  outdir: fresh,
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

/** Newest change below the given files and folders, in milliseconds. */
async function newestChange(/** @type {string[]} */ paths) {
  let newest = 0
  for (const name of paths) {
    const full = path.join(root, name)
    const entries = (await stat(full)).isDirectory()
      ? await readdir(full, { recursive: true, withFileTypes: true })
      : []
    const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name))
    for (const file of [full, ...files]) newest = Math.max(newest, (await stat(file)).mtimeMs)
  }
  return newest
}

/** True when the bundles are newer than everything that they are made of. */
async function isFresh() {
  const stamp = path.join(dist, ".built")
  if (!existsSync(stamp)) return false
  const sources = ["functions", "shared", "builder", "local", "scripts/build.mjs", "package-lock.json"]
  return (await stat(stamp)).mtimeMs > (await newestChange(sources))
}

if (process.argv[1] === fileURLToPath(import.meta.url) && !(process.argv.includes("--if-stale") && (await isFresh()))) {
  const startedAt = new Date()
  try {
    await Promise.all([buildProduct(), buildLocal()])
    await writeFile(path.join(fresh, ".built"), "")
    await utimes(path.join(fresh, ".built"), startedAt, startedAt)
    await rm(dist, { recursive: true, force: true })
    await rename(fresh, dist)
  } catch {
    process.exitCode = 1
  } finally {
    await rm(fresh, { recursive: true, force: true })
  }
}
