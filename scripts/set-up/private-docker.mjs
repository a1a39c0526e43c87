import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs"
import path from "node:path"
import { run, SetUpError } from "./run.mjs"

/**
 * A release whose Docker Engine is too old for us, and the one whose packages run on it (engines, introduction: nothing but
 * libc 2.34 and libsystemd is asked for). Debian 12's 20.10 has no registry cache.
 *
 * @type {Record<string, string>}
 */
const NEWER_RELEASE = { bookworm: "trixie" }

const PACKAGES = {
  debian: ["docker.io", "docker-cli", "docker-buildx", "tini"],
  ubuntu: ["docker.io", "docker-buildx", "tini"],
}

/** What must be there afterwards, in one of these places. */
const PROGRAMS = [
  ["usr/sbin/dockerd", "usr/bin/dockerd"],
  ["usr/bin/docker"],
  ["usr/libexec/docker/cli-plugins/docker-buildx", "usr/lib/docker/cli-plugins/docker-buildx"],
]

/**
 * The folder that holds the private Docker Engine: of this data folder or of the default one.
 *
 * @param {string} root of the repository
 * @param {string} dataFolder
 * @returns {string | undefined}
 */
export function findPrivateDocker(root, dataFolder) {
  return [dataFolder, path.join(root, ".slipway")].map((folder) => path.join(folder, "engine", "root")).find(isWhole)
}

/**
 * Fetches Docker Engine, client and buildx as Debian's or Ubuntu's packages, checked by apt against the system's keys, and
 * unpacks them into `<data>/engine/root`. Nothing is installed; the system's sources and lists stay as they are.
 *
 * @param {import("./system.mjs").System} system
 * @param {string} dataFolder
 * @throws {SetUpError} with what apt said
 */
export function unpackPrivateDocker(system, dataFolder) {
  const engine = path.join(dataFolder, "engine")
  mkdirSync(engine, { recursive: true })
  const work = mkdtempSync(path.join(engine, "unpack-"))
  try {
    const options = aptOptions(system, work)
    const downloads = path.join(work, "packages")
    mkdirSync(downloads)
    apt([...options, "download", ...PACKAGES[system.id]], downloads)
    const unpacked = path.join(work, "root")
    for (const file of readdirSync(downloads).filter((name) => name.endsWith(".deb"))) {
      const result = run("dpkg-deb", ["-x", path.join(downloads, file), unpacked])
      if (!result.isOk) throw new SetUpError(`${file} could not be unpacked: ${result.stderr.trim()}`)
    }
    if (!isWhole(unpacked)) throw new SetUpError(`the packages ${PACKAGES[system.id].join(", ")} lack a program`)
    rmSync(path.join(unpacked, "usr", "share"), { recursive: true, force: true })
    const target = path.join(engine, "root")
    rmSync(target, { recursive: true, force: true })
    renameSync(unpacked, target)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/**
 * The options that make apt work on lists and a source of our own, where the system's own release is too old.
 *
 * @param {import("./system.mjs").System} system
 * @param {string} work
 * @returns {string[]}
 */
function aptOptions(system, work) {
  const release = NEWER_RELEASE[system.codename]
  if (release === undefined) return []
  const { stdout } = run("apt-get", ["indextargets", "--format", "$(RELEASE) $(COMPONENT) $(REPO_URI)"])
  const mirror = mirrorOf(stdout, system.codename)
  if (mirror === undefined) throw new SetUpError(`apt has no source for ${system.codename}, so no mirror is known`)
  for (const folder of ["lists/partial", "cache/archives/partial"])
    mkdirSync(path.join(work, folder), { recursive: true })
  writeFileSync(path.join(work, "sources.list"), privateSource(mirror, release))
  const options = [
    `Dir::Etc::SourceList=${work}/sources.list`,
    "Dir::Etc::SourceParts=/dev/null",
    `Dir::State::Lists=${work}/lists`,
    `Dir::Cache=${work}/cache`,
    "Acquire::Languages=none",
    "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false",
  ].flatMap((option) => ["-o", option])
  apt([...options, "update"], work)
  return options
}

/**
 * @param {string} mirror
 * @param {string} release
 */
export function privateSource(mirror, release) {
  return `deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${mirror} ${release} main\n`
}

/**
 * The mirror that this machine gets its own release from.
 *
 * @param {string} targets lines "release component uri"
 * @param {string} codename
 * @returns {string | undefined}
 */
export function mirrorOf(targets, codename) {
  const rows = targets.split("\n").map((line) => line.split(" "))
  return rows.find(([release, component]) => release === codename && component === "main")?.[2]
}

/**
 * As root all the way: apt's own user may not enter the data folder, and what arrives is checked against the keys anyway.
 *
 * @param {string[]} args
 * @param {string} folder
 */
function apt(args, folder) {
  const result = run("apt-get", ["-q", "-o", "APT::Sandbox::User=root", ...args], {
    cwd: folder,
    env: { LC_ALL: "C", DEBIAN_FRONTEND: "noninteractive" },
  })
  if (!result.isOk)
    throw new SetUpError(`apt-get ${args.at(-1) === "update" ? "update" : "download"} failed: ${result.stderr.trim()}`)
}

/** @param {string} root */
function isWhole(root) {
  return PROGRAMS.every((places) => places.some((place) => existsSync(path.join(root, place))))
}
