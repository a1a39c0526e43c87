import { GoMap, type GoValue } from "./values/go-value.ts"

/**
 * Reads `--set name=value`: the value is always a text, the first `=` divides, dots do not nest, the last of equal names wins
 * (task-file 4). The problem is one line for the user.
 */
export function readSetValues(
  arguments_: readonly string[],
): { ok: true; values: GoMap } | { ok: false; problem: string } {
  const entries = new Map<string, GoValue>()
  for (const argument of arguments_) {
    const equals = argument.indexOf("=")
    if (equals < 0) return { ok: false, problem: "failed to parse --set data; invalid format, no = assignment found" }
    if (equals === 0) return { ok: false, problem: "failed to parse --set data; expected a key=val format" }
    entries.set(argument.slice(0, equals), argument.slice(equals + 1))
  }
  return { ok: true, values: new GoMap("templating.Values", entries) }
}
