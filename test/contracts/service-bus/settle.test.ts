import { expect, test } from "vitest"
import { bodies, connectClient, QUEUE, receive, receiveNothing, receiveOne, startTestBroker } from "./test-broker.ts"

const DEAD = { subQueueType: "deadLetter" } as const
/** The SDK renews the locks of received messages by itself, even before they are handled. */
const NO_RENEWAL = { maxAutoLockRenewalDurationInMs: 0 }

test("a completed message is gone", async () => {
  const { client } = await startTestBroker({ lockDurationSeconds: 0.2 })
  const receiver = client.createReceiver(QUEUE)
  await client.createSender(QUEUE).sendMessages({ body: 1 })

  await receiver.completeMessage(await receiveOne(receiver))

  expect(await receiver.peekMessages(1)).toEqual([])
  expect(await receiveNothing(receiver, 400)).toEqual([])
})

test("an abandoned message comes back at once, in its place, with its delivery counted and its properties changed", async () => {
  const { client } = await startTestBroker()
  const receiver = client.createReceiver(QUEUE)
  await client
    .createSender(QUEUE)
    .sendMessages([{ body: 1, applicationProperties: { kept: 1, changed: 1 } }, { body: 2 }])

  await receiver.abandonMessage(await receiveOne(receiver), { changed: 2, added: "x" })
  const again = await receiveOne(receiver)

  expect(again).toMatchObject({ body: 1, deliveryCount: 1 })
  expect(again.applicationProperties).toEqual({ kept: 1, changed: 2, added: "x" })
  expect(bodies(await receive(receiver))).toEqual([2])
})

test("a message that was abandoned max-delivery-count times is dead-lettered", async () => {
  const { client } = await startTestBroker({ maxDeliveryCount: 3 })
  const receiver = client.createReceiver(QUEUE)
  await client.createSender(QUEUE).sendMessages({ body: "poison" })

  for (const deliveryCount of [0, 1, 2]) {
    const message = await receiveOne(receiver)
    expect(message.deliveryCount).toBe(deliveryCount)
    await receiver.abandonMessage(message)
  }
  const dead = await receiveOne(client.createReceiver(QUEUE, DEAD))

  expect(dead).toMatchObject({ body: "poison", deadLetterReason: "MaxDeliveryCountExceeded", deadLetterSource: QUEUE })
  expect(await receiveNothing(receiver)).toEqual([])
})

test("a dead-lettered message carries reason, description and further properties, and can be completed there", async () => {
  const { client } = await startTestBroker()
  const receiver = client.createReceiver(QUEUE)
  await client
    .createSender(QUEUE)
    .sendMessages({ body: { a: 1 }, messageId: "m", applicationProperties: { kept: true } })

  await receiver.deadLetterMessage(await receiveOne(receiver), {
    deadLetterReason: "Broken",
    deadLetterErrorDescription: "cannot be read",
    attempt: 3,
  })
  const deadReceiver = client.createReceiver(QUEUE, DEAD)
  const dead = await receiveOne(deadReceiver)
  await deadReceiver.completeMessage(dead)

  expect(dead).toMatchObject({
    body: { a: 1 },
    messageId: "m",
    deadLetterReason: "Broken",
    deadLetterErrorDescription: "cannot be read",
    deadLetterSource: QUEUE,
  })
  expect(dead.applicationProperties).toMatchObject({ kept: true, attempt: 3 })
  expect(await deadReceiver.peekMessages(1)).toEqual([])
})

test("the dead-letter queue takes no messages from senders", async () => {
  const { client } = await startTestBroker()

  const sending = client.createSender(`${QUEUE}/$deadletterqueue`).sendMessages({ body: 1 })

  await expect(sending).rejects.toThrow()
  expect(await client.createReceiver(QUEUE, DEAD).peekMessages(1)).toEqual([])
})

test("a deferred message stays aside until it is asked for by its number", async () => {
  const { client } = await startTestBroker()
  const receiver = client.createReceiver(QUEUE)
  await client.createSender(QUEUE).sendMessages({ body: "later" })

  const message = await receiveOne(receiver)
  await receiver.deferMessage(message, { why: "order" })
  expect(await receiveNothing(receiver)).toEqual([])
  const [deferred] = await receiver.receiveDeferredMessages(message.sequenceNumber!)

  expect(deferred).toMatchObject({ body: "later", state: "deferred", applicationProperties: { why: "order" } })
  await receiver.completeMessage(deferred!)
  expect(await receiver.peekMessages(1)).toEqual([])
})

test("a deferred message can be abandoned, which leaves it deferred, and dead-lettered", async () => {
  const { client } = await startTestBroker()
  const receiver = client.createReceiver(QUEUE)
  await client.createSender(QUEUE).sendMessages({ body: "later" })
  const message = await receiveOne(receiver)
  await receiver.deferMessage(message)

  const [first] = await receiver.receiveDeferredMessages(message.sequenceNumber!)
  await receiver.abandonMessage(first!)
  const [second] = await receiver.receiveDeferredMessages(message.sequenceNumber!)
  await receiver.deadLetterMessage(second!, { deadLetterReason: "Enough", deadLetterErrorDescription: "tried twice" })

  expect(second).toMatchObject({ deliveryCount: 1 })
  expect(await receiveOne(client.createReceiver(QUEUE, DEAD))).toMatchObject({
    body: "later",
    deadLetterReason: "Enough",
  })
})

test("a deferred message can be received and deleted in one step", async () => {
  const { client } = await startTestBroker()
  const receiver = client.createReceiver(QUEUE)
  await client.createSender(QUEUE).sendMessages({ body: "later" })
  const message = await receiveOne(receiver)
  await receiver.deferMessage(message)

  const deleting = client.createReceiver(QUEUE, { receiveMode: "receiveAndDelete" })
  const received = await deleting.receiveDeferredMessages(message.sequenceNumber!)

  expect(bodies(received)).toEqual(["later"])
  expect(await receiver.peekMessages(1)).toEqual([])
})

test("a number that is not deferred is answered with MessageNotFound", async () => {
  const { client } = await startTestBroker()
  const receiver = client.createReceiver(QUEUE)
  await client.createSender(QUEUE).sendMessages({ body: 1 })
  const [active] = await receiver.peekMessages(1)

  await expect(receiver.receiveDeferredMessages(active!.sequenceNumber!)).rejects.toMatchObject({
    code: "MessageNotFound",
  })
})

test("a lock that runs out gives the message to the next receiver, with its delivery counted", async () => {
  const { client, port } = await startTestBroker({ lockDurationSeconds: 0.3 })
  await client.createSender(QUEUE).sendMessages({ body: 1 })
  const slow = client.createReceiver(QUEUE, NO_RENEWAL)
  const first = await receiveOne(slow)

  const again = await receiveOne(connectClient(port).createReceiver(QUEUE))

  expect(again).toMatchObject({ body: 1, deliveryCount: 1 })
  expect(again.lockToken).not.toBe(first.lockToken)
})

test.each(["completeMessage", "abandonMessage", "deferMessage", "deadLetterMessage"] as const)(
  "%s after the lock ran out is refused with MessageLockLost, and the message is redelivered",
  async (settle) => {
    const { client } = await startTestBroker({ lockDurationSeconds: 0.2 })
    await client.createSender(QUEUE).sendMessages({ body: 1 })
    const receiver = client.createReceiver(QUEUE, NO_RENEWAL)
    const first = await receiveOne(receiver)
    const again = await receiveOne(receiver)

    await expect(receiver[settle](first)).rejects.toMatchObject({ code: "MessageLockLost" })

    expect(again).toMatchObject({ body: 1, deliveryCount: 1 })
    await receiver.completeMessage(again)
  },
)

test("locks that run out again and again end in the dead-letter queue", async () => {
  const { client } = await startTestBroker({ lockDurationSeconds: 0.1, maxDeliveryCount: 2 })
  await client.createSender(QUEUE).sendMessages({ body: 1 })
  const receiver = client.createReceiver(QUEUE, NO_RENEWAL)

  await receive(receiver, 2)

  expect(await receiveOne(client.createReceiver(QUEUE, DEAD))).toMatchObject({
    deadLetterReason: "MaxDeliveryCountExceeded",
  })
})

test("a lock that is renewed holds on", async () => {
  const { client } = await startTestBroker({ lockDurationSeconds: 0.4 })
  await client.createSender(QUEUE).sendMessages({ body: 1 })
  const receiver = client.createReceiver(QUEUE, NO_RENEWAL)
  const message = await receiveOne(receiver)
  const other = client.createReceiver(QUEUE)

  for (let round = 0; round < 4; round += 1) {
    expect(await receiveNothing(other, 200)).toEqual([])
    const until = await receiver.renewMessageLock(message)
    expect(until.getTime()).toBeGreaterThan(Date.now() + 200)
  }

  await receiver.completeMessage(message)
  expect(await receiver.peekMessages(1)).toEqual([])
})

test("renewing a lost lock is refused with MessageLockLost", async () => {
  const { client } = await startTestBroker({ lockDurationSeconds: 0.1 })
  await client.createSender(QUEUE).sendMessages({ body: 1 })
  const receiver = client.createReceiver(QUEUE, NO_RENEWAL)
  const first = await receiveOne(receiver)
  await receiveOne(receiver)

  await expect(receiver.renewMessageLock(first)).rejects.toMatchObject({ code: "MessageLockLost" })
})

test("a subscriber's lock is renewed by the SDK while its handler works", async () => {
  const { client } = await startTestBroker({ lockDurationSeconds: 1.5 })
  await client.createSender(QUEUE).sendMessages({ body: 1 })
  const deliveries: (number | undefined)[] = []
  const errors: unknown[] = []
  const { promise: handled, resolve } = Promise.withResolvers<void>()
  client.createReceiver(QUEUE).subscribe(
    {
      async processMessage(message) {
        deliveries.push(message.deliveryCount)
        // Longer than the lock: the wait is the work.
        await new Promise((done) => setTimeout(done, 2_500))
        resolve()
      },
      async processError({ error }) {
        errors.push(error)
      },
    },
    { maxConcurrentCalls: 2 },
  )
  await handled

  expect(deliveries).toEqual([0])
  expect(errors).toEqual([])
})

test("a handler that throws abandons its message: it is tried again", async () => {
  const { client } = await startTestBroker()
  const deliveries: (number | undefined)[] = []
  const { promise: handled, resolve } = Promise.withResolvers<void>()
  client.createReceiver(QUEUE).subscribe({
    async processMessage(message) {
      deliveries.push(message.deliveryCount)
      if (deliveries.length < 3) throw new Error("not yet")
      resolve()
    },
    processError: async () => {},
  })

  await client.createSender(QUEUE).sendMessages({ body: 1 })
  await handled

  expect(deliveries).toEqual([0, 1, 2])
})

test("a message can be settled after its receiver was closed, through the management node", async () => {
  const { client } = await startTestBroker()
  await client.createSender(QUEUE).sendMessages({ body: 1 })
  const receiver = client.createReceiver(QUEUE)
  const message = await receiveOne(receiver)
  const other = client.createReceiver(QUEUE)

  await other.completeMessage(message)

  expect(await other.peekMessages(1)).toEqual([])
})

test("a receiver that goes away keeps its locks until they run out", async () => {
  const { client, port } = await startTestBroker({ lockDurationSeconds: 0.5 })
  await client.createSender(QUEUE).sendMessages({ body: 1 })
  const leaving = connectClient(port)
  await receiveOne(leaving.createReceiver(QUEUE))

  await leaving.close()
  const receiver = client.createReceiver(QUEUE)

  expect(await receiveNothing(receiver, 100)).toEqual([])
  expect(await receiveOne(receiver)).toMatchObject({ deliveryCount: 1 })
})
