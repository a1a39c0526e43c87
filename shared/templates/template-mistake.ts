/**
 * A mistake in a template, on its way from where it was found to `renderTemplate`, which makes a result of it. `offset` is in
 * UTF-16 units of the source.
 */
export class TemplateMistake extends Error {
  readonly phase: "parse" | "execute"
  readonly offset: number
  constructor(phase: TemplateMistake["phase"], message: string, offset: number) {
    super(message)
    this.phase = phase
    this.offset = offset
  }
}

/** What a function did not like. The call adds its name and place. */
export class FunctionMistake extends Error {}

/** A limit was reached: no function catches it. */
export class LimitReached extends Error {}
