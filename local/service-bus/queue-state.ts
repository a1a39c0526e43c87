import type { QueueConfig } from "./config.ts"
import { createDeadlineHeap } from "./deadline-heap.ts"
import { createDuplicateIds } from "./duplicate-ids.ts"
import type { Journal } from "./journal.ts"
import type { Content } from "./message-codec.ts"
import { createSequenceList } from "./sequence-list.ts"

export type StoredMessage = {
  sequenceNumber: number
  /** The first number it had: a scheduled message gets a new one when it is due. */
  enqueuedSequenceNumber: number
  content: Content
  state: "active" | "deferred" | "scheduled"
  enqueuedAt: number
  expiresAt: number | undefined
  scheduledAt: number | undefined
  /** Deliveries that ended without the message being settled. */
  deliveryCount: number
  deadLetterSource: string | undefined
  lock: { token: Buffer; until: number } | undefined
  /** What became of it is on its way to the disk: nobody else may have it. */
  isSettling: boolean
}

/** A receiver that waits for messages. */
export type Consumer = {
  /** The message is gone once it is sent. */
  isReceiveAndDelete: boolean
  /** How many more messages it can take now. */
  capacity(): number
  /** Takes one unit of capacity for a message that `deliver` will bring. */
  reserve(): void
  /** False: the receiver has gone meanwhile. */
  deliver(message: StoredMessage): boolean
}

/** One queue in memory. A dead-letter queue is one as well, without duplicate detection, expiry and delivery limit. */
export type QueueState = {
  name: string
  lockDurationMs: number
  maxDeliveryCount: number
  timeToLiveMs: number | undefined
  deadLetters: QueueState | undefined
  journal: Pick<Journal, "append" | "barrier">
  now(): number
  messages: Map<number, StoredMessage>
  /** Active messages that nobody holds. */
  ready: ReturnType<typeof createSequenceList<StoredMessage>>
  /** Locked messages by token (hex). All locks of a queue last equally long: the order is that of their deadlines. */
  locked: Map<string, StoredMessage>
  /** When scheduled messages are due and messages expire. */
  deadlines: ReturnType<typeof createDeadlineHeap>
  duplicates: ReturnType<typeof createDuplicateIds>
  consumers: Consumer[]
  nextSequenceNumber: number
  /** Called after every change: hands out what can be handed out, and sets the clock for what is due next. */
  wake(): void
}

type QueueDeps = Pick<QueueState, "journal" | "now">

/** An empty queue with its dead-letter queue. */
export function createQueueState(deps: QueueDeps, config: QueueConfig): QueueState & { deadLetters: QueueState } {
  const lockDurationMs = config.lockDurationSeconds * 1_000
  const deadLetters = emptyQueue(deps, `${config.name}/$deadletterqueue`, lockDurationMs)
  const timeToLive = config.defaultMessageTimeToLiveSeconds
  return {
    ...emptyQueue(deps, config.name, lockDurationMs),
    deadLetters,
    maxDeliveryCount: config.maxDeliveryCount,
    timeToLiveMs: timeToLive === undefined ? undefined : timeToLive * 1_000,
    duplicates: createDuplicateIds(config.duplicateDetectionWindowSeconds * 1_000, deps.now),
  }
}

function emptyQueue({ journal, now }: QueueDeps, name: string, lockDurationMs: number): QueueState {
  return {
    name,
    lockDurationMs,
    maxDeliveryCount: Number.POSITIVE_INFINITY,
    timeToLiveMs: undefined,
    deadLetters: undefined,
    journal,
    now,
    messages: new Map(),
    ready: createSequenceList(),
    locked: new Map(),
    deadlines: createDeadlineHeap(),
    duplicates: createDuplicateIds(0, now),
    consumers: [],
    nextSequenceNumber: 1,
    wake: () => {},
  }
}
