import { expect, test } from "vitest"
import { bodies, QUEUE, receive, receiveNothing, receiveOne, startTestBroker } from "./test-broker.ts"

const DEAD = { subQueueType: "deadLetter" } as const

test("a scheduled message comes when it is due, under a new sequence number", async () => {
  const { client } = await startTestBroker()
  const sender = client.createSender(QUEUE)
  const receiver = client.createReceiver(QUEUE)
  const due = Date.now() + 600

  const [number] = await sender.scheduleMessages({ body: "later", messageId: "m" }, new Date(due))
  const [waiting] = await receiver.peekMessages(1)
  expect(await receiveNothing(receiver, 100)).toEqual([])
  const message = await receiveOne(receiver)

  expect(waiting).toMatchObject({ state: "scheduled", sequenceNumber: number })
  expect(Date.now()).toBeGreaterThanOrEqual(due)
  expect(message).toMatchObject({
    body: "later",
    messageId: "m",
    state: "active",
    enqueuedSequenceNumber: number?.toNumber(),
  })
  expect(message.sequenceNumber?.toNumber()).toBeGreaterThan(number!.toNumber())
  expect(message.enqueuedTimeUtc?.getTime()).toBeGreaterThanOrEqual(due)
})

test("a message sent with a time to be enqueued waits for it", async () => {
  const { client } = await startTestBroker()
  const due = Date.now() + 2000

  await client.createSender(QUEUE).sendMessages({ body: 1, scheduledEnqueueTimeUtc: new Date(due) })
  const receiver = client.createReceiver(QUEUE)

  expect(await receiveNothing(receiver, 100)).toEqual([])
  expect(await receiveOne(receiver)).toMatchObject({ body: 1 })
  expect(Date.now()).toBeGreaterThanOrEqual(due)
})

test("scheduled messages come in the order of their times", async () => {
  const { client } = await startTestBroker()
  const sender = client.createSender(QUEUE)
  const start = Date.now()

  for (const ms of [600, 200, 400]) await sender.scheduleMessages({ body: ms }, new Date(start + ms))

  expect(bodies(await receive(client.createReceiver(QUEUE), 3))).toEqual([200, 400, 600])
})

test("a cancelled schedule never comes; cancelling it twice is MessageNotFound", async () => {
  const { client } = await startTestBroker()
  const sender = client.createSender(QUEUE)
  const receiver = client.createReceiver(QUEUE)
  const numbers = await sender.scheduleMessages([{ body: 1 }, { body: 2 }], new Date(Date.now() + 300))

  await sender.cancelScheduledMessages(numbers)

  expect(await receiver.peekMessages(10)).toEqual([])
  expect(await receiveNothing(receiver, 500)).toEqual([])
  await expect(sender.cancelScheduledMessages(numbers)).rejects.toMatchObject({ code: "MessageNotFound" })
})

test("a message that outlives its time to live is dead-lettered without any receiver", async () => {
  const { client } = await startTestBroker()

  await client.createSender(QUEUE).sendMessages({ body: "old", timeToLive: 200 })
  const dead = await receiveOne(client.createReceiver(QUEUE, DEAD))

  expect(dead).toMatchObject({ body: "old", deadLetterReason: "TTLExpiredException", deadLetterSource: QUEUE })
  expect(await client.createReceiver(QUEUE).peekMessages(1)).toEqual([])
})

test("the queue's default time to live caps the message's own", async () => {
  const { client } = await startTestBroker({ defaultMessageTimeToLiveSeconds: 0.3 })
  const sender = client.createSender(QUEUE)

  await sender.sendMessages([{ body: 1 }, { body: 2, timeToLive: 60_000 }])
  const [peeked] = await client.createReceiver(QUEUE).peekMessages(1)
  const dead = await receive(client.createReceiver(QUEUE, DEAD), 2)

  expect(bodies(dead)).toEqual([1, 2])
  expect(peeked).toMatchObject({ timeToLive: 300 })
  expect(peeked!.expiresAtUtc!.getTime() - peeked!.enqueuedTimeUtc!.getTime()).toBe(300)
})

test("a locked message does not expire; it does once its lock is over", async () => {
  const { client } = await startTestBroker({ lockDurationSeconds: 0.6 })
  const receiver = client.createReceiver(QUEUE, { maxAutoLockRenewalDurationInMs: 0 })
  await client.createSender(QUEUE).sendMessages({ body: 1, timeToLive: 200 })
  await receiveOne(receiver)
  const deadReceiver = client.createReceiver(QUEUE, DEAD)

  expect(await receiveNothing(deadReceiver, 300)).toEqual([])
  expect(await receiveOne(deadReceiver)).toMatchObject({ deadLetterReason: "TTLExpiredException" })
})

test("a scheduled message's time to live starts when it is due", async () => {
  const { client } = await startTestBroker()
  const due = Date.now() + 400

  await client.createSender(QUEUE).sendMessages({ body: 1, timeToLive: 200, scheduledEnqueueTimeUtc: new Date(due) })
  await receiveOne(client.createReceiver(QUEUE, DEAD))

  expect(Date.now()).toBeGreaterThanOrEqual(due + 200)
})

test("a second message with the same id is accepted and dropped within the window", async () => {
  const { client } = await startTestBroker({ duplicateDetectionWindowSeconds: 60 })
  const sender = client.createSender(QUEUE)
  const receiver = client.createReceiver(QUEUE)

  await sender.sendMessages({ body: 1, messageId: "run.1" })
  await sender.sendMessages([
    { body: 2, messageId: "run.1" },
    { body: 3, messageId: "run.2" },
  ])
  await sender.scheduleMessages({ body: 4, messageId: "run.2" }, new Date(Date.now() + 50))
  const messages = await receive(receiver, 2)
  for (const message of messages) await receiver.completeMessage(message)
  // Completed or not: the id counts.
  await sender.sendMessages({ body: 5, messageId: "run.1" })

  expect(bodies(messages)).toEqual([1, 3])
  expect(await receiveNothing(receiver)).toEqual([])
})

test("the same id sent at once over two connections arrives once", async () => {
  const { client } = await startTestBroker({ duplicateDetectionWindowSeconds: 60 })
  const sender = client.createSender(QUEUE)

  await Promise.all(Array.from({ length: 20 }, (_, body) => sender.sendMessages({ body, messageId: "same" })))
  const receiver = client.createReceiver(QUEUE)

  expect(await receiver.peekMessages(10)).toHaveLength(1)
})

test("after the window the same id is a new message", async () => {
  const { client } = await startTestBroker({ duplicateDetectionWindowSeconds: 0.3 })
  const sender = client.createSender(QUEUE)
  const receiver = client.createReceiver(QUEUE)
  await sender.sendMessages({ body: 1, messageId: "m" })
  await receiver.completeMessage(await receiveOne(receiver))

  await expect
    .poll(async () => {
      await sender.sendMessages({ body: 2, messageId: "m" })
      return bodies(await receiver.peekMessages(10))
    })
    .toEqual([2])
})

test("without a window the same id is a new message at once", async () => {
  const { client } = await startTestBroker()
  const sender = client.createSender(QUEUE)

  await sender.sendMessages({ body: 1, messageId: "m" })
  await sender.sendMessages({ body: 2, messageId: "m" })

  expect(bodies(await receive(client.createReceiver(QUEUE), 2))).toEqual([1, 2])
})

test("peek shows active, locked, deferred and scheduled messages in order and changes nothing", async () => {
  const { client } = await startTestBroker()
  const sender = client.createSender(QUEUE)
  const receiver = client.createReceiver(QUEUE)
  await sender.sendMessages([{ body: "deferred" }, { body: "locked" }, { body: "active" }])
  const [first] = await receive(receiver, 2)
  await receiver.deferMessage(first!)
  await sender.scheduleMessages({ body: "scheduled" }, new Date(Date.now() + 60_000))

  const firstTwo = await receiver.peekMessages(2)
  const rest = await receiver.peekMessages(10)

  expect([...firstTwo, ...rest].map(({ body, state }) => [body, state])).toEqual([
    ["deferred", "deferred"],
    ["locked", "active"],
    ["active", "active"],
    ["scheduled", "scheduled"],
  ])
  expect(bodies(await receive(client.createReceiver(QUEUE)))).toEqual(["active"])
})

test("an empty queue peeks empty", async () => {
  const { client } = await startTestBroker()

  expect(await client.createReceiver(QUEUE).peekMessages(5)).toEqual([])
})
