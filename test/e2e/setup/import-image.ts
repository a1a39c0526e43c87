import { execFile } from "node:child_process"
import { readFile } from "node:fs/promises"
import { promisify } from "node:util"
import type { EngineChoice } from "../../../builder/engine/engine.ts"
import { type Entry, tar } from "./contexts.ts"

const run = promisify(execFile)

/** Makes an image of a shell and these files, in the engine alone. */
export async function importImage(
  choice: EngineChoice,
  image: string,
  entries: Entry[],
  changes: string[],
): Promise<void> {
  const shell = { path: "bin/busybox", content: await readFile("/bin/busybox"), mode: 0o755 }
  const applets = ["sh", "cat", "chmod", "cp", "mkdir"].map((name): Entry => {
    return { path: `bin/${name}`, type: "Link", linkpath: "bin/busybox", mode: 0o755 }
  })
  const archive = tar([shell, ...applets, { path: "tmp/", type: "Directory", mode: 0o1777 }, ...entries])
  const args = ["import", ...changes.flatMap((change) => ["--change", change]), "-", image]
  const importing = run(choice.command, args, { env: { PATH: process.env.PATH, HOME: "/tmp", ...choice.env } })
  importing.child.stdin?.end(archive)
  await importing
}
