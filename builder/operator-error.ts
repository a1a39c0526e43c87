/** Its message is our own words and holds nothing of a run, so that the operator's log may show it. */
export class OperatorError extends Error {
  override readonly name: string = "OperatorError"
}

/**
 * An error for the operator's log. Of one that is not ours only its kind and place: JSON.parse, RegExp, fetch and the file system
 * quote what they were given, and that may be a secret.
 */
export function errorText(error: unknown): string {
  if (error instanceof OperatorError) return error.message
  if (!(error instanceof Error)) return "an error that is none"
  const { code } = error as { code?: unknown }
  const kind = typeof code === "string" && /^[A-Z][A-Z0-9_]*$/.test(code) ? `${error.name} ${code}` : error.name
  return [kind, ...framesOf(error)].join(" ")
}

/** The stack begins with the message, which may look like anything: frames are what stands behind it. */
function framesOf({ message, stack = "" }: Error): string[] {
  const at = stack.indexOf(message)
  if (at < 0) return []
  const frames = stack.slice(at + message.length).split("\n")
  return frames.map((line) => line.trim()).filter((line) => line.startsWith("at "))
}
