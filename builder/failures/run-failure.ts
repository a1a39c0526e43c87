/**
 * The run cannot go on. `Failed` is the user's to mend, `Error` the operator's. The message is one line, shown to the user as the
 * cause; it holds no secret that masking does not know.
 */
export class RunFailure extends Error {
  override readonly name = "RunFailure"
  readonly outcome: "Failed" | "Error"

  constructor(outcome: "Failed" | "Error", message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.outcome = outcome
  }
}
