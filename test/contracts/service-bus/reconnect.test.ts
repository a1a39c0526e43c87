import { stat } from "node:fs/promises"
import path from "node:path"
import { expect, test } from "vitest"
import { bodies, connectClient, QUEUE, receive, receiveOne, startTestBroker } from "./test-broker.ts"

test("a subscriber is back within about a second of the broker's restart", async () => {
  const broker = await startTestBroker()
  const subscriber = connectClient(broker.port, undefined, { retryOptions: { retryDelayInMs: 500, maxRetries: 3 } })
  const seen: unknown[] = []
  let onMessage = () => {}
  const next = () => new Promise<void>((resolve) => (onMessage = resolve))
  subscriber.createReceiver(QUEUE).subscribe({
    async processMessage({ body }) {
      seen.push(body)
      onMessage()
    },
    processError: async () => {},
  })
  const first = next()
  await broker.client.createSender(QUEUE).sendMessages({ body: 1 })
  await first
  // Completed, too: else it comes again after the restart.
  await expect.poll(() => broker.client.createReceiver(QUEUE).peekMessages(1)).toEqual([])

  const second = next()
  await broker.restart()
  const start = performance.now()
  await connectClient(broker.port).createSender(QUEUE).sendMessages({ body: 2 })
  await second

  expect(performance.now() - start).toBeLessThan(20_000)
  expect(seen).toEqual([1, 2])
})

test("a sender that was connected sends again after the broker's restart", async () => {
  const broker = await startTestBroker()
  const sender = broker.client.createSender(QUEUE)
  await sender.sendMessages({ body: 1 })

  await broker.restart()
  await sender.sendMessages({ body: 2 })

  expect(bodies(await receive(connectClient(broker.port).createReceiver(QUEUE), 2))).toEqual([1, 2])
})

test("a lock from before the restart is lost: settling it is refused and the message is handed out again", async () => {
  const broker = await startTestBroker()
  await broker.client.createSender(QUEUE).sendMessages({ body: 1 })
  const receiver = broker.client.createReceiver(QUEUE)
  const message = await receiveOne(receiver)

  await broker.restart()
  const again = await receiveOne(connectClient(broker.port).createReceiver(QUEUE))

  expect(again).toMatchObject({ body: 1, deliveryCount: 1 })
  await expect(receiver.completeMessage(message)).rejects.toMatchObject({ code: "MessageLockLost" })
})

test("the journal is compacted while messages come and go, and nothing is lost over it", async () => {
  const broker = await startTestBroker({ duplicateDetectionWindowSeconds: 600 })
  const sender = broker.client.createSender(QUEUE)
  const receiver = broker.client.createReceiver(QUEUE, { receiveMode: "receiveAndDelete" })
  const padding = "x".repeat(20_000)
  await sender.sendMessages({ body: "stays", messageId: "stays" })
  await receive(receiver)
  await sender.sendMessages({ body: "kept" })

  for (let round = 0; round < 12; round += 1) {
    await sender.sendMessages(Array.from({ length: 10 }, () => ({ body: padding })))
    if (round < 11) await receive(receiver, round === 0 ? 11 : 10)
  }
  await broker.restart()
  const client = connectClient(broker.port)
  await client.createSender(QUEUE).sendMessages({ body: "again", messageId: "stays" })
  const peeked = await client.createReceiver(QUEUE).peekMessages(100)

  expect(broker.events).toContainEqual(expect.objectContaining({ event: "journalCompacted" }))
  expect((await stat(path.join(broker.config.dataFolder, "journal.log"))).size).toBeLessThan(1_400_000)
  expect(peeked.map(({ body }) => body)).toEqual(Array.from({ length: 10 }, () => padding))
})
