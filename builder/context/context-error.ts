/**
 * The source archive cannot be used, and trying again would not help: the run has Failed. The message is one line for the user
 * and names the entry and the rule.
 */
export class ContextError extends Error {
  override readonly name = "ContextError"
}

/** A name from a hostile archive, fit for one line of a log. */
export function quoteName(name: string): string {
  const shown = name.length > 200 ? `${name.slice(0, 200)}…` : name
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach the log
  return `"${shown.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, "\ufffd")}"`
}
