// Builds the real `pack` and the lifecycle that it was made for from their Go modules, into the data folder: the tests of
// `az acr pack build` run with them as well as with their stand-in (npm run test:pack). Does nothing when they are there; after
// another version is named here they are built again.
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import path from "node:path"
import { run, SetUpError } from "./set-up/run.mjs"

const PACK = { name: "github.com/buildpacks/pack", version: "0.38.2" }
/** pack's own default (its internal/builder/lifecycle.go). */
const LIFECYCLE = { name: "github.com/buildpacks/lifecycle", version: "0.20.11" }
/** The lifecycle is one program that goes by the names of its phases (its Makefile, build-…-symlinks). */
const PHASES = ["analyzer", "builder", "creator", "detector", "exporter", "extender", "rebaser", "restorer"]

const root = path.dirname(import.meta.dirname)
const folder = path.join(path.resolve(root, process.env.SLIPWAY_DATA || ".slipway"), "real-pack")
/** Written last: without it the folder is what a stopped build has left behind. */
const marker = path.join(folder, "slipway-version")
const wanted = `pack ${PACK.version}, lifecycle ${LIFECYCLE.version}`

try {
  if (builtVersion() !== wanted) build()
} catch (error) {
  if (!(error instanceof SetUpError)) throw error
  console.error(`real-pack: ${error.message}`)
  process.exitCode = 1
}

/** @returns {string | undefined} */
function builtVersion() {
  try {
    return readFileSync(marker, "utf8").trim()
  } catch {
    return undefined
  }
}

function build() {
  if (!run("go", ["version"]).isOk) {
    throw new SetUpError(
      "go is missing, 1.24 or newer. On Debian and Ubuntu: apt-get install golang, or https://go.dev/dl",
    )
  }
  rmSync(folder, { recursive: true, force: true })
  const lifecycle = path.join(folder, "lifecycle")
  mkdirSync(lifecycle, { recursive: true })
  console.log(`real-pack: building ${wanted} into ${folder} (a few minutes)`)

  const forPack = moduleOf(PACK, "pack")
  goBuild(forPack.sources, `${PACK.name}/pkg/client.Version=${PACK.version}`, path.join(folder, "pack"), PACK.name)
  const { sources, original } = moduleOf(LIFECYCLE, "lifecycle")
  const version = `${LIFECYCLE.name}/cmd.Version=${LIFECYCLE.version}`
  goBuild(sources, version, `${lifecycle}/`, `${LIFECYCLE.name}/cmd/lifecycle`, `${LIFECYCLE.name}/cmd/launcher`)
  for (const phase of PHASES) symlinkSync("lifecycle", path.join(lifecycle, phase))
  // Its own packager knows which versions of the APIs belong into lifecycle.toml.
  const flags = { archivePath: `${lifecycle}.tgz`, descriptorPath: path.join(original, "lifecycle.toml") }
  const words = Object.entries({ ...flags, inputDir: lifecycle, version: LIFECYCLE.version })
  const args = words.map(([name, value]) => `-${name}=${value}`)
  go(["run", "-mod=mod", `${LIFECYCLE.name}/tools/packager`, ...args], sources)

  rmSync(lifecycle, { recursive: true })
  writeFileSync(marker, `${wanted}\n`)
  console.log(`real-pack: ${wanted}`)
}

/**
 * A module that needs nothing but this one. `go install` would ask the proxy for the list of its versions, which not every proxy has. The
 * checksums of what it needs in turn are its own, which came with it and were verified: not every one of them is in Go's database.
 *
 * @param {{ name: string, version: string }} module
 * @param {string} name
 */
function moduleOf(module, name) {
  const sources = path.join(folder, "sources", name)
  mkdirSync(sources, { recursive: true })
  const fetched = JSON.parse(go(["mod", "download", "-json", `${module.name}@v${module.version}`], sources))
  const language = /^go \S+$/m.exec(readFileSync(fetched.GoMod, "utf8"))?.[0] ?? "go 1.24"
  const needs = `require ${module.name} v${module.version}`
  writeFileSync(path.join(sources, "go.mod"), `module slipway.test/${name}\n\n${language}\n\n${needs}\n`)
  const own = `${module.name} v${module.version} ${fetched.Sum}\n${module.name} v${module.version}/go.mod ${fetched.GoModSum}\n`
  writeFileSync(path.join(sources, "go.sum"), own + readFileSync(path.join(fetched.Dir, "go.sum"), "utf8"))
  return { sources, original: fetched.Dir }
}

/**
 * @param {string} sources
 * @param {string} version
 * @param {string} output
 * @param {string[]} packages
 */
function goBuild(sources, version, output, ...packages) {
  go(["build", "-mod=mod", "-trimpath", "-ldflags", `-s -w -X ${version}`, "-o", output, ...packages], sources)
}

/**
 * @param {string[]} args
 * @param {string} cwd
 */
function go(args, cwd) {
  const result = run("go", args, { cwd, env: { CGO_ENABLED: "0", GOWORK: "off" } })
  if (result.isOk) return result.stdout
  throw new SetUpError(`go ${args.join(" ")} failed:\n${(result.stderr || result.stdout).trim()}`)
}
