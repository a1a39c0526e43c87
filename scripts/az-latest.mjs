// Installs the newest azure-cli of PyPI into the data folder, in a Python environment of its own: the suite of test/e2e/az
// runs with it as well as with the system's (npm run test:az-latest). Does nothing when it is there; to get a newer one,
// remove the folder.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import path from "node:path"
import { run, SetUpError } from "./set-up/run.mjs"

const root = path.dirname(import.meta.dirname)
const folder = path.join(path.resolve(root, process.env.SLIPWAY_DATA || ".slipway"), "az-latest")
/** Written last: without it the folder is what a stopped installation has left behind. */
const marker = path.join(folder, "slipway-version")

try {
  if (installedVersion() === undefined) install()
} catch (error) {
  if (!(error instanceof SetUpError)) throw error
  console.error(`az-latest: ${error.message}`)
  process.exitCode = 1
}

/** @returns {string | undefined} */
function installedVersion() {
  try {
    return readFileSync(marker, "utf8").trim()
  } catch {
    return undefined
  }
}

function install() {
  const python = usablePython()
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(path.dirname(folder), { recursive: true })
  console.log(`az-latest: installing the newest azure-cli from PyPI into ${folder} (750 MB, about a minute)`)
  must(python, ["-m", "venv", folder])
  const pip = ["-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check", "azure-cli"]
  must(path.join(folder, "bin", "python"), pip)
  // The first start of az makes its index of commands; in a folder of its own, so that nobody's settings are touched.
  const env = { AZURE_CONFIG_DIR: path.join(folder, "config"), AZURE_CORE_COLLECT_TELEMETRY: "no" }
  const version = JSON.parse(must(path.join(folder, "bin", "az"), ["version", "-o", "json"], env))["azure-cli"]
  writeFileSync(marker, `${version}\n`)
  console.log(`az-latest: azure-cli ${version}`)
}

/** The `python3` of the search path. Errors: it is missing, or cannot make environments; with what to install. */
function usablePython() {
  const fix = "On Debian and Ubuntu: apt-get install python3 python3-venv"
  if (!run("python3", ["--version"]).isOk) throw new SetUpError(`python3 is missing. ${fix}`)
  for (const module of ["venv", "ensurepip"]) {
    if (!run("python3", ["-c", `import ${module}`]).isOk) {
      throw new SetUpError(`python3 is there without its module ${module}, which makes environments. ${fix}`)
    }
  }
  return "python3"
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 */
function must(command, args, env = {}) {
  const result = run(command, args, { env })
  if (result.isOk) return result.stdout
  throw new SetUpError(`${command} ${args.join(" ")} failed:\n${(result.stderr || result.stdout).trim()}`)
}
