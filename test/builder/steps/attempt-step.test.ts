import { expect, test } from "vitest"
import { type Attempt, attemptStep, createOutputWatch } from "../../../builder/steps/attempt-step.ts"
import { StepFailure } from "../../../builder/steps/step-failure.ts"

const PLAIN = {
  id: "s",
  timeoutSeconds: 60,
  startDelaySeconds: 0,
  retries: 0,
  retryDelaySeconds: 0.001,
  retryOnErrors: [] as string[],
  repeat: 0,
  isErrorIgnored: false,
}

/** Runs a step whose attempts end as the list says: a text is the cause of a failure. */
async function run(changes: Partial<typeof PLAIN>, outcomes: (string | undefined)[], print = "") {
  const said: string[] = []
  const attempts: number[] = []
  const attempt = async ({ number, watch }: Attempt) => {
    attempts.push(number)
    watch.see(print, "stderr")
    const cause = outcomes.shift()
    if (cause !== undefined) throw new StepFailure(cause)
  }
  const result = await attemptStep(
    { ...PLAIN, ...changes },
    { say: (line) => said.push(line), causeText: (cause) => cause, attempt, signal: new AbortController().signal },
  ).then(
    () => "succeeded",
    (error: Error) => error.message,
  )
  return { result, said, attempts }
}

test("a failed attempt is tried again as often as the step says", async () => {
  const { result, said, attempts } = await run({ retries: 2 }, ["exit status 1", "exit status 2", undefined])

  expect(result).toBe("succeeded")
  expect(attempts).toEqual([1, 2, 3])
  expect(said).toEqual([
    "Container failed during run: s, waiting 0.001 seconds before retrying...",
    "Container failed during run: s, waiting 0.001 seconds before retrying...",
  ])
})

test("the timeout holds for the pause before another attempt too", async () => {
  const changes = { retries: 5, retryDelaySeconds: 600, timeoutSeconds: 0.01 }

  const { result, attempts } = await run(changes, ["exit status 1", undefined])

  expect(result).toBe("timed out")
  expect(attempts).toEqual([1])
})

test("the last cause counts when no attempt succeeds", async () => {
  const { result, said } = await run({ retries: 1 }, ["exit status 1", "exit status 2"])

  expect(result).toBe("exit status 2")
  expect(said.at(-1)).toBe("Container failed during run: s. No retries remaining.")
})

test("with retryOnErrors only an attempt whose output holds one of them is tried again", async () => {
  const changes = { retries: 3, retryOnErrors: ["busy"] }

  expect((await run(changes, ["exit status 1", undefined], "it is busy")).result).toBe("succeeded")
  const other = await run(changes, ["exit status 1", undefined], "it is broken")
  expect(other.attempts).toEqual([1])
  expect(other.said).toEqual(["Container failed during run: s. No retries remaining."])
})

test("every round runs, whatever came of those before, and all causes are told", async () => {
  const { result, attempts } = await run({ repeat: 2 }, ["exit status 1", undefined, "exit status 3"])

  expect(attempts).toEqual([1, 2, 3])
  expect(result).toBe("exit status 1, exit status 3")
})

test("a step that ignores errors succeeds and says what it ignored", async () => {
  const { result, said } = await run({ isErrorIgnored: true }, ["exit status 4"])

  expect(result).toBe("succeeded")
  expect(said.slice(1)).toEqual([
    "Step ID: s encountered an error: exit status 4, but is set to ignore errors. Continuing...",
  ])
})

test("one timeout covers all attempts: what comes after it has timed out at once", async () => {
  const attempts: number[] = []
  const attempt = async ({ number, signal }: Attempt) => {
    attempts.push(number)
    await new Promise((resolve) => signal.addEventListener("abort", resolve))
  }
  const step = { ...PLAIN, timeoutSeconds: 0.02, retries: 2 }
  const said: string[] = []

  const ended = attemptStep(step, {
    say: (line) => said.push(line),
    causeText: (cause) => cause,
    attempt,
    signal: new AbortController().signal,
  })

  await expect(ended).rejects.toThrow("timed out")
  expect(attempts).toEqual([1])
  expect(said).toHaveLength(3)
})

test("a text is found across pieces, in one stream and not across two", () => {
  const watch = createOutputWatch(["needle"])
  watch.see("a nee", "stdout")
  watch.see("dle", "stderr")
  expect(watch.hasFound()).toBe(false)

  watch.see("dle", "stdout")
  expect(watch.hasFound()).toBe(true)
})
