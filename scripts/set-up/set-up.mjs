import { existsSync } from "node:fs"
import { install, isAvailable } from "./apt.mjs"
import { isRoot, requireRoot } from "./as-root.mjs"
import { needsFor, wantsPrivateDocker } from "./needs.mjs"
import { needsNpmInstall, npmInstall } from "./npm-install.mjs"
import { findPrivateDocker, unpackPrivateDocker } from "./private-docker.mjs"
import { probeEngine } from "./probe-engine.mjs"
import { findProgram } from "./programs.mjs"
import { isStillInOrder, remember } from "./record.mjs"
import { SetUpError } from "./run.mjs"
import { readOsRelease, supportedSystem } from "./system.mjs"
import { tryPrivateDocker } from "./try-private-docker.mjs"

/**
 * @typedef {object} SetUp
 * @property {string} root of the repository
 * @property {import("./needs.mjs").Purpose} purpose
 * @property {string} dataFolder absolute
 * @property {(line: string) => void} say
 */

/**
 * Brings everything into place for a purpose, or throws a SetUpError that says what a person must do.
 *
 * @param {SetUp} options
 */
export function setUp(options) {
  const { root, purpose, dataFolder, say } = options
  if (needsNpmInstall(root)) {
    say("npm ci: the packages of package-lock.json are not all installed")
    npmInstall(root)
  }
  const key = [purpose, dataFolder, process.getuid?.(), process.env.DOCKER_HOST ?? ""].join(" ")
  if (isStillInOrder(root, key)) return

  const { engine, reasons } = probeEngine(root)
  if (engine === undefined) say(`no container engine answers (${reasons.join("; ")})`)
  else say(`engine: ${engine.detail} has run a container and is used as it is`)

  /** @type {import("./needs.mjs").EngineKind} */
  let kind = engine?.kind ?? (isRoot() ? "private-docker" : "private-podman")
  let needs = provide(options, kind)
  if (wantsPrivateDocker(purpose, kind, isRoot())) {
    const problem = providePrivateDocker(options)
    if (problem !== undefined && engine === undefined) {
      say(`the private Docker Engine does not work here (${problem}): podman instead`)
      kind = "private-podman"
      needs = provide(options, kind)
    } else if (problem !== undefined) {
      say(`the private Docker Engine does not work here (${problem}): its tests will fail`)
    }
  }
  const files = needs.flatMap((need) => findProgram(need.program) ?? [])
  const privateDocker = findPrivateDocker(root, dataFolder)
  if (privateDocker !== undefined) files.push(privateDocker)
  remember(root, key, files, engine?.kind === "docker" ? engine.command : undefined)
}

/**
 * Installs what a purpose needs of the system's packages and is not there.
 *
 * @param {SetUp} options
 * @param {import("./needs.mjs").EngineKind} engine
 * @returns {import("./needs.mjs").Need[]} what is there now
 */
function provide({ purpose, say }, engine) {
  const needs = needsFor(purpose, engine, isRoot(), existsSync("/sys/kernel/security/apparmor"))
  const missing = needs.filter((need) => findProgram(need.program) === undefined)
  if (missing.length === 0) return needs

  const system = supportedSystem(readOsRelease())
  if (system === undefined) throw new SetUpError(instructions(missing))
  const required = missing.filter((need) => need.isOptional !== true)
  if (required.length > 0) requireRoot(packagesOf(required))
  const wanted = missing.filter((need) => {
    if (need.isOptional !== true || isAvailable(need.package)) return true
    say(`${need.program} is absent and ${system.name} has no ${need.package}: plain HTTP is used instead`)
    return false
  })
  for (const need of wanted) say(`installing ${need.package}: ${need.why}`)
  if (wanted.length > 0) {
    requireRoot(packagesOf(wanted))
    install(packagesOf(wanted))
  }
  return needs
}

/**
 * @param {SetUp} options
 * @returns {string | undefined} why it does not work here
 */
function providePrivateDocker({ root, dataFolder, say }) {
  try {
    if (findPrivateDocker(root, dataFolder) === undefined) {
      const system = supportedSystem(readOsRelease())
      if (system === undefined) return "set-up does not know where this system gets one"
      say(
        `unpacking Docker Engine with buildx below ${dataFolder}/engine: builds and runs containers, apart from the system`,
      )
      unpackPrivateDocker(system, dataFolder)
    }
    return tryPrivateDocker(root)
  } catch (error) {
    if (error instanceof SetUpError) return error.message
    throw error
  }
}

/** @param {import("./needs.mjs").Need[]} needs */
function packagesOf(needs) {
  return [...new Set(needs.map((need) => need.package))]
}

/**
 * What a person must install on a system that set-up does not know, by the names that Debian gives it.
 *
 * @param {import("./needs.mjs").Need[]} missing
 */
export function instructions(missing) {
  const lines = missing.map(
    (need) =>
      `  ${need.program} (Debian: ${need.package})${need.isOptional === true ? ", if you can" : ""}: ${need.why}`,
  )
  return [
    "This system is not Debian 12 or 13 or an Ubuntu LTS, so please install by hand:",
    ...lines,
    "or a Docker Engine with buildx, or Podman, that can run a container: it is then used as it is.",
  ].join("\n")
}
