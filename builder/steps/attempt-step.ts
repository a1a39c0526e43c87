import type { TaskStep } from "../../shared/task-file/task.ts"
import { pause } from "../retry.ts"
import { isFinal, StepFailure } from "./step-failure.ts"

type Attempted = Pick<
  TaskStep,
  | "id"
  | "timeoutSeconds"
  | "startDelaySeconds"
  | "retries"
  | "retryDelaySeconds"
  | "retryOnErrors"
  | "repeat"
  | "isErrorIgnored"
>

/** `number` counts all attempts of a step; `watch` sees the attempt's output. */
export type Attempt = { number: number; watch: OutputWatch; signal: AbortSignal }
export type AttemptDeps = {
  say(line: string): void
  /** Makes one line of a cause, with nothing in it that the engine's own output would not show. */
  causeText(cause: string): string
  attempt(attempt: Attempt): Promise<void>
  signal: AbortSignal
}

/**
 * Runs a step as often as it asks for (task-file 3): after its delay, `1 + repeat` rounds of up to `1 + retries` attempts, all of them
 * within one timeout. A round that fails does not stop the next one. Returns how long it took without the delay. Errors: StepFailure with
 * the causes of all rounds, unless the step ignores errors; anything that another attempt cannot mend; the signal's reason.
 */
export async function attemptStep(step: Attempted, deps: AttemptDeps): Promise<{ elapsedMs: number }> {
  if (step.startDelaySeconds > 0) {
    deps.say(`Waiting ${step.startDelaySeconds} seconds before executing step ID: ${step.id}`)
    await pause(timerMs(step.startDelaySeconds), deps.signal)
  }
  const startedAt = performance.now()
  const deadline = new AbortController()
  const timer = setTimeout(() => deadline.abort(), timerMs(step.timeoutSeconds))
  const failures: Error[] = []
  let number = 0
  try {
    for (let round = 0; round <= step.repeat; round++) {
      const failure = await runRound(step, deps, deadline.signal, () => ++number)
      if (failure !== undefined) failures.push(failure)
    }
  } finally {
    clearTimeout(timer)
  }
  const elapsedMs = performance.now() - startedAt
  if (failures.length === 0) return { elapsedMs }
  const [only, ...further] = failures
  const cause = failures.map(({ message }) => message).join(", ")
  if (!step.isErrorIgnored) throw only !== undefined && further.length === 0 ? only : new StepFailure(cause)
  deps.say(
    `Step ID: ${step.id} encountered an error: ${deps.causeText(cause)}, but is set to ignore errors. Continuing...`,
  )
  return { elapsedMs }
}

/** Timers take 31 bits; no run is as long as that. */
function timerMs(seconds: number): number {
  return Math.min(seconds * 1000, 2 ** 31 - 1)
}

/** Undefined when an attempt succeeded, else why the last one did not. */
async function runRound(
  step: Attempted,
  { say, attempt, signal }: AttemptDeps,
  deadline: AbortSignal,
  nextNumber: () => number,
): Promise<Error | undefined> {
  for (let tries = 0; ; tries++) {
    const watch = createOutputWatch(step.retryOnErrors)
    const cause = await tryOnce(
      attempt,
      { number: nextNumber(), watch, signal: AbortSignal.any([signal, deadline]) },
      deadline,
    )
    signal.throwIfAborted()
    if (cause === undefined) return undefined
    if (!isTriedAgain(step, tries, watch)) {
      say(`Container failed during run: ${step.id}. No retries remaining.`)
      return cause
    }
    say(`Container failed during run: ${step.id}, waiting ${step.retryDelaySeconds} seconds before retrying...`)
    await pause(timerMs(step.retryDelaySeconds), AbortSignal.any([signal, deadline])).catch(() => {})
    signal.throwIfAborted()
  }
}

/** Whether a step wants another attempt after one that failed; `tries` are those that were repeated before it (task-file 3, `retryOnErrors`). */
export function isTriedAgain(
  { retries, retryOnErrors }: Pick<TaskStep, "retries" | "retryOnErrors">,
  tries: number,
  watch: Pick<OutputWatch, "hasFound">,
): boolean {
  return tries < retries && (retryOnErrors.length === 0 || watch.hasFound())
}

async function tryOnce(
  attempt: AttemptDeps["attempt"],
  options: Attempt,
  deadline: AbortSignal,
): Promise<Error | undefined> {
  const timedOut = new StepFailure("timed out")
  if (deadline.aborted) return timedOut
  try {
    await attempt(options)
    return deadline.aborted ? timedOut : undefined
  } catch (error) {
    if (deadline.aborted) return timedOut
    if (isFinal(error)) throw error
    return error instanceof Error ? error : new StepFailure(String(error))
  }
}

/** Looks for texts in output that comes in pieces, each stream by itself. */
export type OutputWatch = { see(chunk: string, stream: "stdout" | "stderr"): void; hasFound(): boolean }

export function createOutputWatch(texts: readonly string[]): OutputWatch {
  const longest = Math.max(0, ...texts.map((text) => text.length))
  const rest = { stdout: "", stderr: "" }
  let isFound = texts.includes("")
  return {
    see(chunk, stream) {
      if (longest === 0 || isFound) return
      const seen = rest[stream] + chunk
      isFound = texts.some((text) => seen.includes(text))
      rest[stream] = seen.slice(Math.max(0, seen.length - longest + 1))
    },
    hasFound: () => isFound,
  }
}
