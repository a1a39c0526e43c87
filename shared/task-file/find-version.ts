/** Quotes around the key need not match. */
const VERSION_LINE = /^['"]?version['"]?\s*:(.*)$/
const ALIASES_SINCE = "v1.1.0"

/**
 * The version that the text names, found as ACR finds it: by the first line that begins with `version:`, not by YAML (task-file 1,
 * steps 2 and 3). A comment behind it is part of it; empty when there is none. What the YAML says is checked later.
 */
export function findVersion(text: string): string {
  for (const line of text.split("\n")) {
    const value = VERSION_LINE.exec(line)?.[1]
    if (value !== undefined) return value.trim().replace(/^['"]+|['"]+$/g, "")
  }
  return ""
}

/** Whether aliases are replaced: a plain comparison of texts, so `V1.1.0` and `1.1.0` come before (task-file 1, step 3). */
export function hasAliases(version: string): boolean {
  return version >= ALIASES_SINCE
}
