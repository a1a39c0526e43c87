import { expect, test } from "vitest"
import {
  bodies,
  connectClient,
  KEY,
  QUEUE,
  receive,
  receiveNothing,
  receiveOne,
  startTestBroker,
} from "./test-broker.ts"

/** The SDK tries again after a refusal, and then gathers the refusals. */
const ONE_TRY = { retryOptions: { maxRetries: 0 } }

test("a message arrives with its body, properties and annotations as they were sent", async () => {
  const { client } = await startTestBroker()
  const sender = client.createSender(QUEUE)

  await sender.sendMessages({
    body: { v: 1, text: "grüße" },
    messageId: "m-1",
    contentType: "application/json",
    correlationId: "c-1",
    subject: "s",
    to: "t",
    replyTo: "r",
    applicationProperties: {
      text: "x",
      number: 7,
      big: 2 ** 40,
      fraction: 1.5,
      flag: true,
      when: new Date(1_700_000_000_000),
    },
  })
  const message = await receiveOne(client.createReceiver(QUEUE))

  expect(message).toMatchObject({
    body: { v: 1, text: "grüße" },
    messageId: "m-1",
    contentType: "application/json",
    correlationId: "c-1",
    subject: "s",
    to: "t",
    replyTo: "r",
    deliveryCount: 0,
    state: "active",
  })
  expect(message.applicationProperties).toEqual({
    text: "x",
    number: 7,
    big: 2 ** 40,
    fraction: 1.5,
    flag: true,
    when: 1_700_000_000_000,
  })
  expect(message.sequenceNumber?.toNumber()).toBe(1)
  expect(Math.abs(Date.now() - (message.enqueuedTimeUtc?.getTime() ?? 0))).toBeLessThan(5_000)
  expect(message.lockedUntilUtc?.getTime()).toBeGreaterThan(Date.now() + 50_000)
  expect(message.lockToken).toMatch(/^[0-9a-f]{8}-/)
})

test("bodies of every AMQP kind survive: bytes, a value, a sequence", async () => {
  const { client } = await startTestBroker()
  const sender = client.createSender(QUEUE)
  const receiver = client.createReceiver(QUEUE, { skipParsingBodyAsJson: true })

  await sender.sendMessages({ body: Buffer.from([0, 255, 1]) })
  await sender.sendMessages({ body: { a: 1 }, bodyType: "value" })
  await sender.sendMessages({ body: [1, "two", null], bodyType: "sequence" })
  const messages = await receive(receiver, 3)

  expect(bodies(messages)).toEqual([Buffer.from([0, 255, 1]), { a: 1 }, [1, "two", null]])
})

test("a message without an id gets one, which the SDK's lock renewer needs", async () => {
  const { client } = await startTestBroker()

  await client.createSender(QUEUE).sendMessages({ body: 1 })
  const message = await receiveOne(client.createReceiver(QUEUE))

  expect(message.messageId).toMatch(/^[0-9a-f]{32}$/)
})

test("messages come in the order in which they were sent, from single sends, arrays and batches", async () => {
  const { client } = await startTestBroker()
  const sender = client.createSender(QUEUE)

  await sender.sendMessages({ body: 0 })
  await sender.sendMessages([{ body: 1 }, { body: 2 }])
  const batch = await sender.createMessageBatch()
  for (let body = 3; body < 103; body += 1) expect(batch.tryAddMessage({ body })).toBe(true)
  await sender.sendMessages(batch)
  const messages = await receive(client.createReceiver(QUEUE), 103)

  expect(bodies(messages)).toEqual(Array.from({ length: 103 }, (_, index) => index))
})

test("a message of several AMQP frames arrives whole", async () => {
  const { client } = await startTestBroker()
  const body = Buffer.alloc(200_000, "abc")

  await client.createSender(QUEUE).sendMessages({ body })
  const message = await receiveOne(client.createReceiver(QUEUE))

  expect(Buffer.compare(message.body, body)).toBe(0)
})

test("a message above the size limit is refused with MessageSizeExceeded, and the link goes on", async () => {
  const { client } = await startTestBroker()
  const sender = client.createSender(QUEUE)

  const tooLarge = sender.sendMessages({ body: Buffer.alloc(262_144) })

  await expect(tooLarge).rejects.toMatchObject({ code: "MessageSizeExceeded" })
  await sender.sendMessages({ body: "small" })
  expect((await receiveOne(client.createReceiver(QUEUE))).body).toBe("small")
})

test("the size limit is announced, so that a batch stops growing at it", async () => {
  const { client } = await startTestBroker()

  const batch = await client.createSender(QUEUE).createMessageBatch()

  expect(batch.maxSizeInBytes).toBe(262_144)
  expect(batch.tryAddMessage({ body: Buffer.alloc(262_144) })).toBe(false)
})

test("receive-and-delete: what was received is gone", async () => {
  const { client } = await startTestBroker({ lockDurationSeconds: 0.2 })
  await client.createSender(QUEUE).sendMessages([{ body: 1 }, { body: 2 }])
  const receiver = client.createReceiver(QUEUE, { receiveMode: "receiveAndDelete" })

  const messages = await receive(receiver, 2)

  expect(bodies(messages)).toEqual([1, 2])
  expect(await receiver.peekMessages(10)).toEqual([])
  expect(await receiveNothing(client.createReceiver(QUEUE), 400)).toEqual([])
})

test("competing receivers share the messages, each message goes to one of them", async () => {
  const { client, port } = await startTestBroker()
  const seen: [receiver: string, body: unknown][] = []
  const { promise: allSeen, resolve } = Promise.withResolvers<void>()
  for (const name of ["a", "b"]) {
    connectClient(port)
      .createReceiver(QUEUE)
      .subscribe({
        async processMessage(message) {
          seen.push([name, message.body])
          if (seen.length === 40) resolve()
          // Keeps its only slot for a moment, so that the other one gets its turn.
          await new Promise((done) => setTimeout(done, 5))
        },
        processError: async () => {},
      })
  }

  await client.createSender(QUEUE).sendMessages(Array.from({ length: 40 }, (_, body) => ({ body })))
  await allSeen

  expect(seen.map(([, body]) => body).sort((a, b) => Number(a) - Number(b))).toEqual(
    Array.from({ length: 40 }, (_, index) => index),
  )
  for (const name of ["a", "b"]) expect(seen.filter(([receiver]) => receiver === name).length).toBeGreaterThan(5)
})

test("a receiver that waits gets a message within milliseconds", async () => {
  const { client } = await startTestBroker()
  const sender = client.createSender(QUEUE)
  const took: number[] = []
  let arrived = () => {}
  client.createReceiver(QUEUE).subscribe({ processMessage: async () => arrived(), processError: async () => {} })
  for (let round = 0; round < 30; round += 1) {
    const { promise, resolve } = Promise.withResolvers<void>()
    arrived = resolve
    const start = performance.now()
    await Promise.all([sender.sendMessages({ body: round }), promise])
    took.push(performance.now() - start)
  }

  // 40 ms and more when a small write waits for an acknowledgement (service-bus.md, pitfall 1).
  expect(took.sort((a, b) => a - b)[15]).toBeLessThan(20)
})

test("thousands of messages pass through one receiver: settled deliveries free their place", async () => {
  const { client } = await startTestBroker()
  const sender = client.createSender(QUEUE)
  const total = 6_000
  let count = 0
  const { promise: allDone, resolve } = Promise.withResolvers<void>()

  client.createReceiver(QUEUE).subscribe(
    {
      async processMessage() {
        count += 1
        if (count === total) resolve()
      },
      processError: async () => {},
    },
    { maxConcurrentCalls: 64 },
  )
  for (let sent = 0; sent < total; sent += 500)
    await sender.sendMessages(Array.from({ length: 500 }, () => ({ body: "x" })))
  await allDone

  expect(count).toBe(total)
})

test("a wrong key is refused with UnauthorizedAccess", async () => {
  const { port } = await startTestBroker()
  const stranger = connectClient(port, { ...KEY, key: "d3Jvbmc=" }, ONE_TRY)

  await expect(stranger.createSender(QUEUE).sendMessages({ body: 1 })).rejects.toMatchObject({
    code: "UnauthorizedAccess",
  })
  await expect(receiveNothing(stranger.createReceiver(QUEUE))).rejects.toMatchObject({ code: "UnauthorizedAccess" })
  await expect(stranger.createReceiver(QUEUE).peekMessages(1)).rejects.toMatchObject({ code: "UnauthorizedAccess" })
})

test("a wrong key name is refused with UnauthorizedAccess", async () => {
  const { port } = await startTestBroker()

  const stranger = connectClient(port, { ...KEY, name: "other" }, ONE_TRY)
  const sending = stranger.createSender(QUEUE).sendMessages({ body: 1 })

  await expect(sending).rejects.toMatchObject({ code: "UnauthorizedAccess" })
})

test("an unknown queue is answered with MessagingEntityNotFound", async () => {
  const { client } = await startTestBroker()

  const sending = client.createSender("nobody").sendMessages({ body: 1 })

  await expect(sending).rejects.toMatchObject({ code: "MessagingEntityNotFound" })
})

test("queue names compare without case", async () => {
  const { client } = await startTestBroker()

  await client.createSender("WORK").sendMessages({ body: 1 })

  expect((await receiveOne(client.createReceiver("Work"))).body).toBe(1)
})

test("an empty queue gives nothing once the wait is over, and the receiver can be used again", async () => {
  const { client } = await startTestBroker()
  const receiver = client.createReceiver(QUEUE)

  expect(await receiveNothing(receiver)).toEqual([])
  expect(await receiveNothing(receiver)).toEqual([])
  await client.createSender(QUEUE).sendMessages({ body: 1 })

  expect((await receiveOne(receiver)).body).toBe(1)
})

test("a session receiver is refused: sessions are not offered", async () => {
  const { client } = await startTestBroker()

  await expect(client.acceptSession(QUEUE, "s-1")).rejects.toMatchObject({ code: "SessionCannotBeLocked" })
})
