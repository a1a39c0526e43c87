import type { QueueConfig } from "./config.ts"
import { deliverMessages } from "./deliver-messages.ts"
import { createQueueState, type QueueState } from "./queue-state.ts"
import { runDeadlines } from "./run-deadlines.ts"

/** A queue and its dead-letter queue, wired to hand out messages and to mind their deadlines. */
export function createQueue(deps: Pick<QueueState, "journal" | "now">, config: QueueConfig) {
  const queue = createQueueState(deps, config)
  const stops = [queue, queue.deadLetters].map(keepAwake)
  return {
    queue,
    deadLetters: queue.deadLetters,
    /** Stops its clocks; nothing is handed out any more. */
    close() {
      for (const stop of stops) stop()
    },
  }
}

function keepAwake(queue: QueueState): () => void {
  const clock = { timer: undefined as NodeJS.Timeout | undefined, at: Number.POSITIVE_INFINITY }
  queue.wake = () => {
    deliverMessages(queue)
    const at = Math.min(
      queue.locked.values().next().value?.lock?.until ?? Infinity,
      queue.deadlines.first()?.at ?? Infinity,
    )
    if (at >= clock.at) return
    clearTimeout(clock.timer)
    clock.at = at
    // A timer fires at once when asked for more than 2^31 ms; it may also fire a millisecond early.
    const delay = Math.min(Math.max(Math.ceil(at - queue.now()), 1), 0x7fff_ffff)
    clock.timer = setTimeout(() => {
      clock.at = Number.POSITIVE_INFINITY
      runDeadlines(queue)
      queue.wake()
    }, delay)
  }
  return () => {
    clearTimeout(clock.timer)
    queue.wake = () => {}
  }
}
