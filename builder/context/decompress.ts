import { spawn } from "node:child_process"
import type { Readable } from "node:stream"
import { createGunzip } from "node:zlib"
import type { ArchiveKind } from "./archive-kind.ts"
import { ContextError } from "./context-error.ts"

/** The unpacked bytes, and how to stop early. */
export type Decompressed = { bytes: AsyncIterable<Uint8Array>; destroy(): void }
export type Decompress = (packed: Readable) => Decompressed

/** Node lacks the first two, and of several zstd frames it reads only one. All are told how much memory a dictionary may take. */
const PROGRAMS = {
  bzip2: { command: "bzip2", args: ["-dc"], debianPackage: "bzip2" },
  xz: { command: "xz", args: ["-dc", "--memlimit-decompress=128MiB"], debianPackage: "xz-utils" },
  zstd: { command: "zstd", args: ["-dcq", "--memory=128MiB"], debianPackage: "zstd" },
}
const MAX_SAID = 2000

/** Undoes one kind of packing as the bytes come. `path`: where programs are looked for. */
export function decompressorOf(kind: ArchiveKind, path: string): Decompress {
  if (kind === "tar") return (packed) => ({ bytes: packed, destroy: () => packed.destroy() })
  if (kind !== "gzip") return (packed) => runProgram(packed, PROGRAMS[kind], path)
  return (packed) => {
    const unpacked = createGunzip({ chunkSize: 64 * 1024 })
    packed.on("error", (error) => unpacked.destroy(error))
    packed.pipe(unpacked)
    return { bytes: unpacked, destroy: () => unpacked.destroy() }
  }
}

function runProgram(packed: Readable, program: (typeof PROGRAMS)["xz"], path: string): Decompressed {
  const child = spawn(program.command, program.args, {
    env: { PATH: path, LC_ALL: "C" },
    stdio: ["pipe", "pipe", "pipe"],
  })
  let said = ""
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    if (said.length < MAX_SAID) said += text
  })
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once("error", () =>
      reject(
        new ContextError(
          `The source archive is packed with ${program.command}, which this builder lacks (Debian package ${program.debianPackage}); offer it as .tar.gz.`,
        ),
      ),
    )
    child.once("close", resolve)
  })
  // Looked at below; until then it must not count as unhandled.
  ended.catch(() => {})
  // A program that stops early says why by its exit code.
  child.stdin.on("error", () => packed.unpipe(child.stdin))
  packed.on("error", () => child.kill("SIGKILL"))
  packed.pipe(child.stdin)

  async function* bytes(): AsyncGenerator<Uint8Array> {
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) yield chunk
    if ((await ended) === 0) return
    throw new ContextError(`The source archive is damaged or cut off: ${firstLine(said)}`)
  }
  return { bytes: bytes(), destroy: () => void child.kill("SIGKILL") }
}

function firstLine(text: string): string {
  return (/[^\n]*\S[^\n]*/.exec(text)?.[0] ?? "it cannot be unpacked").trim()
}
