import { existsSync } from "node:fs"
import { asRoot } from "./as-root.mjs"
import { findProgram } from "./programs.mjs"
import { run, SetUpError } from "./run.mjs"

const ENV = ["DEBIAN_FRONTEND=noninteractive", "LC_ALL=C"]

const INSTALL = ["install", "-y", "-qq", "--no-install-recommends", "--no-remove", "-o", "Dpkg::Use-Pty=0"]

/** Another apt may be at work: a fresh machine updates itself. */
const LOCK = ["-o", "DPkg::Lock::Timeout=300"]

/**
 * Services must not start: we need programs. In a mount namespace of its own, which ends with apt, what maintainer scripts
 * start services with does nothing. So there is no policy-rc.d to be left behind, whatever kills us.
 */
const WITHOUT_SERVICES = `
for starter in /usr/sbin/invoke-rc.d /usr/bin/deb-systemd-invoke; do
  [ ! -e "$starter" ] || mount --bind /bin/true "$starter"
done
exec apt-get "$@"`

/** Packages that bring services which would start at the next boot, or with the first connection. */
const SERVICES = {
  "docker-registry": ["docker-registry.service"],
  containerd: ["containerd.service"],
  "openssh-server": ["ssh.socket", "ssh.service"],
}

/**
 * Installs packages from the system's own sources. The lists are fetched only where they are missing or too old for it.
 *
 * @param {string[]} packages
 * @throws {SetUpError} with what apt said
 */
export function install(packages) {
  const missing = packages.filter((name) => !hasCandidate(name))
  if (missing.length > 0) update()
  const first = installOnce(packages)
  const result = first.isOk || missing.length > 0 ? first : retry(packages)
  if (!result.isOk) throw new SetUpError(`apt-get install ${packages.join(" ")} failed:\n${result.stderr.trim()}`)
  stayOff(packages)
}

/**
 * True where the system's packages have it. Fetches the lists where they know nothing at all.
 *
 * @param {string} name
 */
export function isAvailable(name) {
  if (hasCandidate(name)) return true
  if (!hasCandidate("dpkg") || !hasLists()) update()
  return hasCandidate(name)
}

/** @param {string} name */
function hasCandidate(name) {
  const { stdout } = run("apt-cache", ["policy", name], { env: { LC_ALL: "C" } })
  return /^ {2}Candidate: (?!\(none\))/m.test(stdout)
}

/** A system without lists still knows its installed packages; no package file is larger than an empty one's few lines. */
function hasLists() {
  const { stdout } = run("apt-get", ["indextargets", "--format", "$(FILENAME)", "Created-By: Packages"])
  return stdout.split("\n").some((file) => file !== "" && existsSync(file))
}

/** Not fatal: one of several sources may be away, and whether that matters shows in the installation. */
function update() {
  const { command, args } = asRoot("env", [...ENV, "apt-get", "update", "-qq", ...LOCK])
  run(command, args)
}

/** @param {string[]} packages */
function retry(packages) {
  update()
  return installOnce(packages)
}

/** @param {string[]} packages */
function installOnce(packages) {
  const apt = [...INSTALL, ...LOCK, ...packages]
  const probe = asRoot("unshare", ["--mount", "mount", "--bind", "/bin/true", "/usr/sbin/invoke-rc.d"])
  const canHide = run(probe.command, probe.args).isOk
  const program = canHide ? ["unshare", "--mount", "sh", "-ec", WITHOUT_SERVICES, "apt-get"] : ["apt-get"]
  const { command, args } = asRoot("env", [...ENV, ...program, ...apt])
  return run(command, args)
}

/** @param {string[]} packages just installed by us, so nobody relies on their services */
function stayOff(packages) {
  if (findProgram("systemctl") === undefined) return
  const units = Object.entries(SERVICES).flatMap(([name, own]) => (packages.includes(name) ? own : []))
  if (units.length > 0) systemctl(["disable", "--quiet", ...units])
  if (existsSync("/run/systemd/system")) systemctl(["daemon-reload"])
}

/** @param {string[]} args */
function systemctl(args) {
  const disabled = asRoot("systemctl", args)
  run(disabled.command, disabled.args)
}
