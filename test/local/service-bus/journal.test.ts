import { mkdtemp, readdir, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { expect, onTestFinished, test } from "vitest"
import { amqp } from "../../../local/service-bus/amqp.ts"
import { deadLetterMessage } from "../../../local/service-bus/dead-letter-message.ts"
import { cancelScheduled, enqueueMessages } from "../../../local/service-bus/enqueue-messages.ts"
import { type Journal, openJournal } from "../../../local/service-bus/journal.ts"
import { lockMessage } from "../../../local/service-bus/lock-message.ts"
import { readMessage } from "../../../local/service-bus/message-codec.ts"
import { createQueue } from "../../../local/service-bus/queue.ts"
import type { QueueState } from "../../../local/service-bus/queue-state.ts"
import { applyRecord, pictureOf, wakeRestored } from "../../../local/service-bus/restore-queues.ts"
import { runDeadlines } from "../../../local/service-bus/run-deadlines.ts"
import { abandonMessage, completeMessage, deferMessage } from "../../../local/service-bus/settle-message.ts"

async function temporaryFolder() {
  const folder = await mkdtemp(path.join(tmpdir(), "slipway-journal-"))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** Queues over a journal, as the broker wires them. */
function openQueues(folder: string, clock: { now: number }, compactAboveBytes?: number) {
  const opened: { journal?: Journal } = {}
  const events: string[] = []
  const { queue, deadLetters, close } = createQueue(
    {
      now: () => clock.now,
      journal: {
        append: (...entry) => opened.journal?.append(...entry),
        barrier: (done) => opened.journal?.barrier(done),
      },
    },
    { name: "q", lockDurationSeconds: 60, maxDeliveryCount: 1_000, duplicateDetectionWindowSeconds: 600 },
  )
  const states = [queue, deadLetters]
  const byName = new Map(states.map((state) => [state.name, state]))
  opened.journal = openJournal({
    folder,
    apply: (record, bytes) => applyRecord(byName, record, bytes),
    snapshot: () => pictureOf(states),
    log: (event) => events.push(event),
    ...(compactAboveBytes === undefined ? {} : { compactAboveBytes }),
  })
  const { journal } = opened
  for (const state of states) wakeRestored(state)
  return {
    queue,
    states,
    events,
    settled: () => new Promise<void>((resolve) => journal.barrier(() => resolve())),
    async close() {
      close()
      await journal.close()
    },
  }
}

function pictures(states: QueueState[]) {
  return [...pictureOf(states)].map(({ record, bytes }) => ({ ...record, bytes: bytes?.toString("hex") })).sort(byText)
}

function byText(a: unknown, b: unknown) {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1
}

test.each([1, 2, 3])("after any sequence of operations a restart finds the same queues (seed %d)", async (seed) => {
  const folder = await temporaryFolder()
  const clock = { now: 1_700_000_000_000 }
  let state = seed
  const random = (below: number) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return Math.floor(state / 65_536) % below
  }
  let open = openQueues(folder, clock, 20_000)
  const events: string[] = []
  const ignore = () => {}
  let compared = 0

  for (let step = 0; step < 1_500; step += 1) {
    const { queue } = open
    const messages = [...queue.messages.values()]
    const message = messages[random(messages.length || 1)]
    const what = random(10)
    clock.now += random(2_000)
    if (random(3) === 0) await open.settled()
    if (what < 3 || message === undefined) {
      const ttl = random(4) === 0 ? { ttl: 1 + random(30_000) } : {}
      const annotations = { "x-opt-scheduled-enqueue-time": new Date(clock.now + random(60_000)) }
      const bytes = amqp.message.encode({
        ...ttl,
        ...(random(4) === 0 ? { message_annotations: annotations } : {}),
        message_id: `id-${random(2_000)}`,
        body: "x".repeat(random(300)),
      })
      enqueueMessages(queue, [readMessage(bytes)], ignore)
    } else if (message.isSettling) await open.settled()
    else if (message.state === "scheduled") cancelScheduled(queue, [message.sequenceNumber], ignore)
    else if (message.lock === undefined) {
      queue.ready.remove(message)
      lockMessage(queue, message)
    } else if (what < 5) completeMessage(queue, message, ignore)
    else if (what < 7) abandonMessage(queue, message, random(2) === 0 ? { step } : undefined)
    else if (what < 8) deferMessage(queue, message, {}, ignore)
    else if (what < 9) deadLetterMessage(queue, message, { reason: "r", changes: { step } }, ignore)
    else runDeadlines(queue)
    if (random(150) === 0) {
      // What is due would otherwise be done by the restart.
      await open.settled()
      runDeadlines(queue)
      await open.settled()
      const before = pictures(open.states)
      await open.close()
      events.push(...open.events)
      open = openQueues(folder, clock, 20_000)
      expect(pictures(open.states)).toEqual(before)
      compared += 1
    }
  }
  await open.close()

  expect(compared).toBeGreaterThan(3)
  expect(events).toContain("journalCompacted")
  expect(events).not.toContain("journalTorn")
})

test("records that arrive together share one write, and are reported in their order", async () => {
  const folder = await temporaryFolder()
  const order: number[] = []
  const journal = openJournal({ folder, apply: () => {}, snapshot: () => [], log: () => {} })

  for (let s = 1; s <= 50; s += 1) journal.append({ t: "delete", q: "q", s }, undefined, () => order.push(s))
  await new Promise<void>((resolve) => journal.barrier(() => resolve()))

  expect(order).toEqual(Array.from({ length: 50 }, (_, index) => index + 1))
  await journal.close()
})

test("a compaction that did not finish leaves the journal as it was", async () => {
  const folder = await temporaryFolder()
  const journal = openJournal({ folder, apply: () => {}, snapshot: () => [], log: () => {} })
  journal.append({ t: "queue", q: "q", next: 9 })
  await journal.close()
  const { writeFile } = await import("node:fs/promises")
  await writeFile(path.join(folder, "journal.log.new"), "half")
  const applied: unknown[] = []

  const again = openJournal({ folder, apply: (record) => applied.push(record), snapshot: () => [], log: () => {} })
  await again.close()

  expect(applied).toEqual([
    { t: "journal", v: 1 },
    { t: "queue", q: "q", next: 9 },
  ])
  expect(await readdir(folder)).toEqual(["journal.log"])
})

test("a journal of a newer version is refused and left alone", async () => {
  const folder = await temporaryFolder()
  const { encodeRecord } = await import("../../../local/service-bus/journal-record.ts")
  const { writeFile } = await import("node:fs/promises")
  const file = path.join(folder, "journal.log")
  const newer = encodeRecord({ t: "journal", v: 2 } as never, undefined)
  await writeFile(file, newer)

  expect(() => openJournal({ folder, apply: () => {}, snapshot: () => [], log: () => {} })).toThrow()

  expect(await readFile(file)).toEqual(newer)
})
