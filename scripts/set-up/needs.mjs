/** @typedef {"demo" | "test" | "start"} Purpose */

/**
 * One thing that must be there.
 *
 * @typedef {object} Need
 * @property {string} program what is looked for: a program's name, or a file's absolute path
 * @property {string} package Debian's and Ubuntu's package that has it
 * @property {string} why for people, one line
 * @property {Purpose[]} [for] absent: always
 * @property {boolean} [isOptional] where the system's packages lack it, set-up says so and goes on
 */

/** @type {Need[]} */
const BASICS = [
  {
    program: "/etc/ssl/certs/ca-certificates.crt",
    package: "ca-certificates",
    why: "the system's list of trusted authorities, to which the stack adds its own",
  },
  { program: "tar", package: "tar", why: "unpacks archives" },
  { program: "git", package: "git", why: "fetches build contexts from repositories" },
  { program: "ssh", package: "openssh-client", why: "fetches build contexts from repositories by SSH" },
  { program: "bzip2", package: "bzip2", why: "unpacks build contexts" },
  { program: "xz", package: "xz-utils", why: "unpacks build contexts" },
  { program: "zstd", package: "zstd", why: "unpacks build contexts" },
  { program: "bwrap", package: "bubblewrap", why: "keeps the shell text of task files apart from the machine" },
  { program: "setpriv", package: "util-linux", why: "ends the stack's processes with the stack" },
  { program: "unshare", package: "util-linux", why: "keeps all that an engine starts together" },
  { program: "docker-registry", package: "docker-registry", why: "the stack's registry" },
  {
    program: "az",
    package: "azure-cli",
    why: "the Azure CLI, which the demo and the tests drive",
    for: ["demo", "test"],
    isOptional: true,
  },
  { program: "busybox", package: "busybox-static", why: "base image of the tests", for: ["test"] },
  {
    program: "sshd",
    package: "openssh-server",
    why: "serves repositories to the tests, from a folder and a port of theirs",
    for: ["test"],
  },
]

/** @type {Need[]} What the private Docker Engine stands on; it brings dockerd, docker and buildx itself. */
export const PRIVATE_DOCKER_NEEDS = [
  { program: "containerd", package: "containerd", why: "runs the containers of the private Docker Engine" },
  { program: "runc", package: "runc", why: "runs the containers of the private Docker Engine" },
  { program: "iptables", package: "iptables", why: "network of the private Docker Engine" },
  { program: "ip", package: "iproute2", why: "network of the private Docker Engine" },
]

/** @type {Need[]} */
const PODMAN_NEEDS = [
  { program: "podman", package: "podman", why: "container engine" },
  { program: "runc", package: "runc", why: "runs podman's containers where crun cannot" },
  { program: "iptables", package: "iptables", why: "network of podman" },
  { program: "/usr/lib/podman/netavark", package: "netavark", why: "networks of podman" },
  { program: "/usr/lib/podman/aardvark-dns", package: "aardvark-dns", why: "names of steps on podman's networks" },
]

/** @type {Need[]} */
const ROOTLESS_NEEDS = [
  { program: "newuidmap", package: "uidmap", why: "lets podman run without root" },
  { program: "slirp4netns", package: "slirp4netns", why: "network of podman without root" },
]

/**
 * What answers on this machine, and so what an engine still needs.
 *
 * @typedef {"docker" | "podman" | "private-docker" | "private-podman"} EngineKind `private-…`: none answered by itself
 */

/**
 * Everything that must be there for a purpose. The tests drive both dialects and the private engine itself, whatever answers.
 *
 * @param {Purpose} purpose
 * @param {EngineKind} engine
 * @param {boolean} isRoot whether the stack will run as root
 * @param {boolean} isAppArmorOn dockerd then loads its profile with apparmor_parser
 * @returns {Need[]}
 */
export function needsFor(purpose, engine, isRoot, isAppArmorOn) {
  const needs = BASICS.filter((need) => need.for === undefined || need.for.includes(purpose))
  if (wantsPrivateDocker(purpose, engine, isRoot)) {
    needs.push(...PRIVATE_DOCKER_NEEDS)
    if (isAppArmorOn) needs.push({ program: "apparmor_parser", package: "apparmor", why: "confines the containers" })
  }
  if (engine === "private-podman" || purpose === "test") {
    needs.push(...PODMAN_NEEDS, ...(isRoot ? [] : ROOTLESS_NEEDS))
  }
  return needs.filter((need, index) => needs.findIndex(({ program }) => program === need.program) === index)
}

/**
 * dockerd needs root.
 *
 * @param {Purpose} purpose
 * @param {EngineKind} engine
 * @param {boolean} isRoot
 */
export function wantsPrivateDocker(purpose, engine, isRoot) {
  return isRoot && (engine === "private-docker" || (purpose === "test" && engine !== "private-podman"))
}
