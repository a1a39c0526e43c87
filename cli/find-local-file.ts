import { readFile, realpath } from "node:fs/promises"
import path from "node:path"

export type LocalFile = {
  bytes: Uint8Array
  /** As people and editors find it: from where the command was typed, or absolute. */
  shown: string
  /** Its path below the workspace, when it is in there. */
  workspacePath: string | undefined
}

/**
 * A file that the command line names: below the workspace, where `az acr run` looks for it, else from where the command was typed.
 * `problem` is one line for the user.
 */
export async function findLocalFile(
  name: string,
  { workspace, folder }: { workspace: string; folder: string },
): Promise<{ ok: true; file: LocalFile } | { ok: false; problem: string }> {
  let why = ""
  for (const candidate of new Set([path.resolve(workspace, name), path.resolve(folder, name)])) {
    try {
      const bytes = await readFile(candidate)
      const inside = path.relative(await realpath(workspace), await realpath(candidate))
      const workspacePath = inside.startsWith("../") || path.isAbsolute(inside) ? undefined : inside
      return { ok: true, file: { bytes, shown: shownPath(candidate, folder), workspacePath } }
    } catch (error) {
      why ||= reasonOf(error)
    }
  }
  return { ok: false, problem: `cannot read ${name}: ${why}` }
}

function shownPath(file: string, folder: string): string {
  const relative = path.relative(folder, file)
  return relative.startsWith("../") ? file : relative
}

function reasonOf(error: unknown): string {
  const { code = "", message } = error as NodeJS.ErrnoException
  if (code === "ENOENT") return "there is no such file"
  if (code === "EISDIR") return "it is a folder"
  if (code === "EACCES") return "it may not be read"
  return message
}
