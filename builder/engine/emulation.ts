import { execFile } from "node:child_process"
import { randomUUID } from "node:crypto"
import { rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { PROBE_ANSWER, PROBE_PROGRAMS } from "./probe-programs.ts"

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

/**
 * Why programs of a platform (`os/architecture[/variant]`) cannot run on a machine of that architecture, and what to install; undefined
 * when they can, or when this cannot be told. One is run, in `folder`: the kernel's list of handlers (binfmt_misc; engines 2, "arm64")
 * is not to be seen from every process and every container, but its handlers work there. `programs`: the one of each architecture.
 */
export async function missingEmulation(
  platform: string,
  architecture: string,
  folder: string,
  programs: Readonly<Record<string, Buffer>> = PROBE_PROGRAMS,
): Promise<string | undefined> {
  const [, wanted = ""] = platform.split("/")
  if (wanted === architecture) return undefined
  const handler = HANDLERS[wanted]
  const program = programs[wanted]
  if (handler === undefined || program === undefined)
    return `no program runs as ${platform} on this machine (${architecture})`
  if (await isRunning(program, folder)) return undefined
  const own = programs[architecture]
  // Where not even the machine's own program runs, it is the folder that forbids it.
  if (own === undefined || !(await isRunning(own, folder))) return undefined
  return (
    `programs of ${platform} need the binfmt handler ${handler}, which this machine (${architecture}) has not: ` +
    "the operator can install the package qemu-user-static"
  )
}

async function isRunning(program: Buffer, folder: string): Promise<boolean> {
  const file = join(folder, `probe-${randomUUID()}`)
  try {
    await writeFile(file, program, { mode: 0o700 })
    return await new Promise((resolve) => {
      execFile(file, { timeout: 10_000, env: {} }, (error, stdout) =>
        resolve(error === null && stdout.trim() === PROBE_ANSWER),
      )
    })
  } finally {
    await rm(file, { force: true })
  }
}
