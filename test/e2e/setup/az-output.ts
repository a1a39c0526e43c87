/** The id that az says when it has queued a run or a build; empty when it said none. */
export function runIdOf(text: string): string {
  return /Queued a (?:run|build) with ID: (\w+)/.exec(text)?.[1] ?? ""
}

/** The line that says how a run ended. */
export function lastLineOf(text: string): string {
  return text.trimEnd().split(/\r?\n/).at(-1) ?? ""
}
