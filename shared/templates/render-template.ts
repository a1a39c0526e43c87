import { randomBytes } from "node:crypto"
import { createBudget, defaultLimits, type Limits } from "./budget.ts"
import { evaluateList } from "./evaluation/evaluate-list.ts"
import type { State } from "./evaluation/state.ts"
import { parseTemplate } from "./language/parse-template.ts"
import { builtinFunctions } from "./library/builtin-functions.ts"
import type { CallContext } from "./library/define-function.ts"
import { methodOf } from "./library/method-of.ts"
import { sprigFunctions } from "./library/sprig-functions.ts"
import { positionOf } from "./position-of.ts"
import { createOutput } from "./render-output.ts"
import type { RenderedText, TextProblem } from "./rendered-text.ts"
import { LimitReached, TemplateMistake } from "./template-mistake.ts"
import { wellFormed } from "./values/go-text.ts"
import { GoMap } from "./values/go-value.ts"
import { toGoValue } from "./values/to-go-value.ts"

/** `environment` is all that `env` and `expandenv` see. `random` gives random bytes; the system's unless told. */
export type RenderOptions = {
  now(): Date
  random?(size: number): Uint8Array
  environment: Readonly<Record<string, string>>
  limits?: Partial<Limits>
}
export type RenderedTemplate = { ok: true; rendered: RenderedText } | { ok: false; problem: TextProblem }

const functions = { ...builtinFunctions, ...sprigFunctions }

/**
 * Renders a Go template with the functions of sprig 2.22 and `missingkey=zero`; the text `<no value>` is deleted from the result
 * (task-file 4). `roots` is what `.` is: JavaScript values as `toGoValue` reads them, or Go values. An empty result is no problem
 * here. Whatever the template says, it ends within `limits`: one that does not is a problem like any other.
 */
export function renderTemplate(
  source: string,
  roots: Record<string, unknown>,
  options: RenderOptions,
): RenderedTemplate {
  const limits = { ...defaultLimits, ...options.limits }
  const budget = createBudget(limits)
  const context: CallContext = {
    budget,
    now: options.now,
    random: options.random ?? randomBytes,
    environment: options.environment,
  }
  const output = createOutput(limits.maxOutputBytes)
  let state: State | undefined
  try {
    const { root, definitions } = parseTemplate(source, (name) => Object.hasOwn(functions, name))
    const dot = new GoMap(
      "templating.Values",
      new Map(Object.entries(roots).map(([name, root]) => [name, toGoValue(root)])),
    )
    state = {
      node: { type: "dot", start: 0 },
      variables: [{ name: "$", value: dot }],
      templateDepth: 0,
      definitions,
      functions,
      context,
      methodOf,
      write: output.write,
    }
    evaluateList(state, dot, root)
    return { ok: true, rendered: output.finish() }
  } catch (error) {
    return { ok: false, problem: problemOf(source, error, state?.node.start ?? 0) }
  }
}

// Go repeats what it does not like, however long it is.
const maxMessageLength = 1_000

function problemOf(source: string, error: unknown, offset: number): TextProblem {
  const { message, ...position } = wholeProblemOf(source, error, offset)
  const shown = message.length > maxMessageLength ? `${message.slice(0, maxMessageLength)}...` : message
  return { message: wellFormed(shown), ...position }
}

function wholeProblemOf(source: string, error: unknown, offset: number): TextProblem {
  if (error instanceof TemplateMistake) {
    return { message: `failed to ${error.phase} template: ${error.message}`, ...positionOf(source, error.offset) }
  }
  if (error instanceof LimitReached) {
    return { message: `failed to execute template: ${error.message}`, ...positionOf(source, offset) }
  }
  // The one other thing that a template can provoke: JavaScript's stack or longest text.
  if (error instanceof RangeError) {
    return {
      message: "failed to execute template: the template is too large or nested too deeply",
      ...positionOf(source, offset),
    }
  }
  throw error
}
