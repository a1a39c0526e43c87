import { posix } from "node:path"

export const WORKSPACE = "/workspace"

/**
 * The working directory that a text means (task-file 3): below /workspace when it is relative, as it is when it is absolute; `..` is
 * resolved. Undefined for a relative one that would leave the workspace, which acb lets it.
 */
export function resolveWorkingDirectory(text: string): string | undefined {
  const path = withoutEndingSlash(posix.join(text.startsWith("/") ? "/" : WORKSPACE, text))
  return text.startsWith("/") || path === WORKSPACE || path.startsWith(`${WORKSPACE}/`) ? path : undefined
}

function withoutEndingSlash(path: string): string {
  return path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path
}
