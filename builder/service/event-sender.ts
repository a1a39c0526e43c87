import type { BuilderEvent } from "../../shared/builders/builder-messages.ts"
import { type BackOff, retry } from "../retry.ts"
import { isServiceAway, type Post, ServiceRefusal } from "./post.ts"

type WithoutEnvelope<T> = T extends unknown ? Omit<T, "v" | "builderId" | "seq" | "at"> : never
/** What happened; the sender adds who, when and in which order. */
export type EventFacts = WithoutEnvelope<BuilderEvent>

export type EventSender = {
  /** Queues an event behind the ones before it. The build does not wait for it. */
  send(facts: EventFacts): void
  /** Sends the last event and waits until the service has taken all of them. False when it has not after `withinMs`. */
  finish(facts: EventFacts, withinMs: number): Promise<boolean>
  /** Gives up whatever is not sent yet. */
  stop(): void
}

export type EventSenderOptions = {
  post: Post
  builderId: string
  /** The service says that the run is over. */
  onEnded: () => void
  /** Tells the operator what was refused. */
  onTrouble: (why: string) => void
  backOff: BackOff
}

/**
 * Events in order of `seq`, each repeated until the service has it: it applies each once. When it answers `OutOfOrder` it has lost
 * events that it had taken (a store restored after a crash), so all of them are sent again.
 */
export function createEventSender(options: EventSenderOptions): EventSender {
  const { post, builderId, backOff } = options
  const events: BuilderEvent[] = []
  const stopper = new AbortController()
  let accepted = 0
  let working: Promise<void> | undefined

  function push(facts: EventFacts): void {
    const at = new Date().toISOString()
    events.push({ ...facts, v: 1, builderId, seq: events.length + 1, at })
    working ??= sendAll().finally(() => {
      working = undefined
    })
  }

  async function sendAll(): Promise<void> {
    let resends = 0
    for (let event = events[accepted]; event !== undefined; event = events[accepted]) {
      const current = event
      try {
        await retry(() => post("events", current, { signal: stopper.signal }), {
          giveUpAfterMs: Number.POSITIVE_INFINITY,
          ...backOff,
          isTransient: isServiceAway,
          signal: stopper.signal,
        })
        accepted = current.seq
      } catch (error) {
        if (!(error instanceof ServiceRefusal)) return
        if (error.code === "OutOfOrder" && current.seq > 1 && resends < 3) {
          resends += 1
          accepted = 0
        } else {
          options.onTrouble(error.message)
          if (error.status === 410 || error.status === 409) options.onEnded()
          return stopper.abort(error)
        }
      }
    }
  }

  return {
    send: push,
    async finish(facts, withinMs) {
      const deadline = setTimeout(() => stopper.abort(), withinMs)
      push(facts)
      await working
      clearTimeout(deadline)
      return accepted === events.length
    },
    stop: () => stopper.abort(),
  }
}
