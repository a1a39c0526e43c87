import { readdir, readFile } from "node:fs/promises"

/** Handlers as Debian, Docker's and tonistiigi's installers name them. */
const HANDLERS: Record<string, string> = {
  amd64: "qemu-x86_64",
  "386": "qemu-i386",
  arm64: "qemu-aarch64",
  arm: "qemu-arm",
  ppc64le: "qemu-ppc64le",
  s390x: "qemu-s390x",
  riscv64: "qemu-riscv64",
}
/** What a processor runs besides its own programs. */
const ALSO: Record<string, readonly string[]> = { amd64: ["386"], arm64: ["arm"] }
const FOLDER = "/proc/sys/fs/binfmt_misc"

/**
 * Why programs of a platform (`os/architecture[/variant]`) cannot run on a machine of that architecture, and what to install; undefined
 * when they can: its own, or by a handler that the kernel knows (binfmt_misc; engines 2, "arm64").
 */
export async function missingEmulation(
  platform: string,
  architecture: string,
  folder = FOLDER,
): Promise<string | undefined> {
  const [, wanted = ""] = platform.split("/")
  if (wanted === architecture || ALSO[architecture]?.includes(wanted)) return undefined
  const handler = HANDLERS[wanted]
  if (handler === undefined) return `no program runs as ${platform} on this machine (${architecture})`
  const names = await readdir(folder).catch(() => [])
  for (const name of names.filter((one) => one === handler || one.startsWith(`${handler}-`))) {
    const text = await readFile(`${folder}/${name}`, "utf8").catch(() => "")
    if (text.startsWith("enabled")) return undefined
  }
  return (
    `programs of ${platform} need the binfmt handler ${handler}, which this machine (${architecture}) has not: ` +
    "the operator can install the package qemu-user-static"
  )
}
