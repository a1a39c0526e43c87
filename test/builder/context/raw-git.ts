import { execFileSync } from "node:child_process"

export type RawEntry = { mode: string; name: string; id: string }

/** Writes an object as it is, also one that git itself would never make. Returns its id. */
export function rawObject(folder: string, type: "blob" | "tree" | "commit", content: string | Buffer): string {
  const args = ["hash-object", "-w", "-t", type, "--literally", "--stdin"]
  return execFileSync("git", args, { cwd: folder, input: content, encoding: "utf8" }).trim()
}

/** A tree of exactly these entries, in this order. */
export function rawTree(folder: string, entries: RawEntry[]): string {
  const parts = entries.flatMap(({ mode, name, id }) => [Buffer.from(`${mode} ${name}\0`), Buffer.from(id, "hex")])
  return rawObject(folder, "tree", Buffer.concat(parts))
}
