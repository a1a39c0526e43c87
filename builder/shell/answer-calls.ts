import { setTimeout as delay } from "node:timers/promises"
import { RunFailure } from "../failures/run-failure.ts"
import { type DockerCall, openCall, refuseCall } from "./docker-calls.ts"

/** Of one shell, in its life and at once. Who announces more at once than that waits for his turn. */
const MAX_CALLS = 10_000
const MAX_OPEN = 64

/** What docker's own client says of a call that comes to nothing. */
const NOT_RUN = 125

/** Calls that the end of the shell ends by themselves may take so long; nothing waits longer for any. */
export const SETTLE_MS = 5_000

export type AnswerDeps = {
  /** Where the shim puts its calls. */
  folder: string
  onDocker(call: DockerCall, signal: AbortSignal): Promise<number>
  /** Ends the shell. */
  fail(error: unknown): void
}

/** Answers the calls that a shell announces, within what one shell may ask of the builder. */
export function answerCalls({ folder, onDocker, fail }: AnswerDeps) {
  const isOver = new AbortController()
  const { signal } = isOver
  const waiting = new Set<string>()
  const open = new Map<string, Promise<void>>()
  let announced = 0

  async function answer(processId: string): Promise<void> {
    try {
      const opened = await openCall(folder, processId, signal).catch((error) => refuse(processId, error))
      if (opened === undefined) return
      let code = NOT_RUN
      try {
        code = await onDocker(opened.call, signal)
      } catch (error) {
        fail(error)
      }
      await opened.end(code)
    } catch (error) {
      if (!signal.aborted) fail(error)
    }
  }

  /** Its shim must not wait for ever. Errors: RunFailure when it cannot be reached, or is none. */
  async function refuse(processId: string, cause: unknown): Promise<undefined> {
    if (signal.aborted) return
    await refuseCall(folder, processId).catch(() => {
      throw new RunFailure("Failed", "a call of docker by the text cannot be answered", { cause })
    })
  }

  function next(): void {
    for (const processId of waiting) {
      if (open.size >= MAX_OPEN) return
      waiting.delete(processId)
      const answered = answer(processId).then(() => {
        open.delete(processId)
        next()
      })
      open.set(processId, answered)
    }
  }

  return {
    /** A line that the shell wrote where calls are announced. What is no process id is no call, but counts. */
    announce(line: string): void {
      if (signal.aborted) return
      announced += 1
      if (announced > MAX_CALLS) {
        fail(new RunFailure("Failed", `the text calls docker too often: more than ${MAX_CALLS} times`))
      } else if (/^\d{1,10}$/.test(line) && !open.has(line)) {
        waiting.add(line)
        next()
      }
    },

    /** When the shell has ended: ends its calls, and returns when they have, or will not. */
    async close(): Promise<void> {
      waiting.clear()
      isOver.abort()
      const settled = new AbortController()
      const patience = delay(SETTLE_MS, undefined, { signal: settled.signal }).catch(() => undefined)
      await Promise.race([Promise.all(open.values()), patience])
      settled.abort()
    },
  }
}
