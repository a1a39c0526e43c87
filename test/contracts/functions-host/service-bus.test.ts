import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { ServiceBusClient, type ServiceBusMessage } from "@azure/service-bus"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { type Broker, startBroker } from "../../../local/service-bus/broker.ts"
import { type AppOptions, type LogLine, type RunningApp, runApp } from "./run-app.ts"

const key = { name: "root", key: "a2V5IG9mIGEgdGVzdA==" }
let folder: string
let broker: Broker
let client: ServiceBusClient
let app: RunningApp

const listen = (port: number) =>
  startBroker(
    { port, dataFolder: folder, key, queues: [{ name: "jobs", lockDurationSeconds: 2, maxDeliveryCount: 3 }] },
    () => undefined,
  )
const connection = (port: number) =>
  `Endpoint=sb://127.0.0.1:${port};SharedAccessKeyName=${key.name};SharedAccessKey=${key.key};UseDevelopmentEmulator=true`

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "host-broker-"))
  broker = await listen(0)
  client = new ServiceBusClient(connection(broker.port), { retryOptions: { retryDelayInMs: 100, maxRetries: 20 } })
})
afterEach(async () => {
  await app.stop("SIGKILL")
  await client.close()
  await broker.close()
  await rm(folder, { recursive: true })
})

async function start(serviceBus: object = {}, rest: Partial<AppOptions> = {}): Promise<RunningApp> {
  app = await runApp({
    app: "queue.mjs",
    appSettings: { Bus: connection(broker.port), QUEUE: "jobs" },
    hostJson: { extensions: { serviceBus } },
    ...rest,
  })
  return app
}
const send = (...messages: ServiceBusMessage[]) => client.createSender("jobs").sendMessages(messages)
const isConnected = ({ message }: LogLine) => message === "service bus connected"
const isDone = (id: string | number) => (line: LogLine) => line.message === `done ${id}`
/** What the function logged of the messages it got, in order. */
const received = () =>
  app
    .userLines()
    .filter(({ message }) => message.startsWith("{"))
    .map(({ message }) => JSON.parse(message))
/** Nothing is left: neither waiting nor locked. */
const peeked = () => client.createReceiver("jobs").peekMessages(10)
async function emptied(): Promise<void> {
  while ((await peeked()).length > 0) await new Promise((resolve) => setTimeout(resolve, 20))
}

describe("a queue function", () => {
  it("gets a message's content and its metadata with small first letters", async () => {
    await start()
    await send({
      body: { hello: "world" },
      messageId: "m-1",
      contentType: "application/json",
      correlationId: "c",
      subject: "s",
      applicationProperties: { Depth: 1 },
    })

    await app.waitForLine(isDone("m-1"))

    const [{ message, triggerMetadata }] = received()
    expect(message).toEqual({ hello: "world" })
    expect(triggerMetadata).toMatchObject({
      messageId: "m-1",
      deliveryCount: 1,
      sequenceNumber: 1,
      contentType: "application/json",
      correlationId: "c",
      subject: "s",
      applicationProperties: { depth: 1 },
      lockToken: expect.stringMatching(/^[0-9a-f-]{36}$/),
      enqueuedTimeUtc: expect.stringMatching(/^\d{4}-.*Z$/),
    })
    await emptied()
  })

  it("gets text that looks like JSON parsed, in the body and in the metadata", async () => {
    await start()
    await send({ body: "plain text", messageId: "123" })

    await app.waitForLine(isDone(123))

    expect(received()[0]).toMatchObject({ message: "plain text", type: "string", triggerMetadata: { messageId: 123 } })
  })

  it("gets bytes when it asks for binary data", async () => {
    await start({}, { app: "binary.mjs" })
    await send({ body: Buffer.from([0, 255, 10]) })

    await app.waitForLine(({ message }) => message === "bytes true 00ff0a")
  })

  it("that throws gets the message again at once, counted from 1", async () => {
    await start()
    await send({ body: { failures: 2 }, messageId: "again" })

    await app.waitForLine(isDone("again"))

    expect(received().map(({ triggerMetadata }) => triggerMetadata.deliveryCount)).toEqual([1, 2, 3])
    await emptied()
  })

  it("that throws too often loses the message to the dead-letter queue", async () => {
    await start()
    await send({ body: { failures: 9 }, messageId: "hopeless" })

    const [dead] = await client.createReceiver("jobs", { subQueueType: "deadLetter" }).receiveMessages(1)

    expect(dead).toMatchObject({ messageId: "hopeless", deadLetterReason: "MaxDeliveryCountExceeded" })
    expect(received()).toHaveLength(3)
  })

  it("keeps its message while it runs longer than the lock", async () => {
    await start()
    await send({ body: { holdMs: 4_500 }, messageId: "long" })

    await app.waitForLine(isDone("long"))
    await emptied()

    expect(received()).toHaveLength(1)
  })

  it("loses its message when locks are not renewed that long", async () => {
    await start({ maxAutoLockRenewalDuration: "00:00:01" })
    await send({ body: { holdMs: 3_500 }, messageId: "lost" })

    await app.waitForLine(({ message }) => message.includes('"deliveryCount":2'))
  })

  it("does not complete messages when host.json says so", async () => {
    await start({ autoCompleteMessages: false, maxAutoLockRenewalDuration: "00:00:01" })
    await send({ body: {}, messageId: "kept" })

    await app.waitForLine(({ message }) => message.includes('"deliveryCount":2'))

    expect((await peeked()).length).toBe(1)
  })

  it("runs as often at once as maxConcurrentCalls allows, whatever is prefetched", async () => {
    await start({ maxConcurrentCalls: 2, prefetchCount: 5 })
    await send(...Array.from({ length: 6 }, (_, index) => ({ body: { holdMs: 50 }, messageId: `c-${index}` })))

    await Promise.all(Array.from({ length: 6 }, (_, index) => app.waitForLine(isDone(`c-${index}`))))

    expect(Math.max(...received().map(({ running }) => running))).toBe(2)
  })
})

describe("a broker that goes away", () => {
  it("at the start: HTTP works, and the listener connects once the broker is there", async () => {
    const { port } = broker
    await broker.close()
    await start({}, { appSettings: { Bus: connection(port), QUEUE: "jobs" } })
    await app.waitForLine(({ message }) => message === "service bus disconnected")

    expect((await app.send("GET", "/api/alive")).status).toBe(204)

    broker = await listen(port)
    await app.waitForLine(isConnected)
    await send({ body: {}, messageId: "late" })
    await app.waitForLine(isDone("late"))
  })

  it("during work: one line says so, one that it is back, and the next message arrives within two seconds", async () => {
    const { port } = broker
    await start()
    await app.waitForLine(isConnected)
    await broker.close()
    await app.waitForLine(({ message }) => message === "service bus disconnected")
    const from = app.lines.length

    broker = await listen(port)
    const backAt = performance.now()
    await app.waitForLine(isConnected, from)
    expect(performance.now() - backAt).toBeLessThan(20_000)

    await client.close()
    client = new ServiceBusClient(connection(port))
    await send({ body: {}, messageId: "after" })
    await app.waitForLine(isDone("after"))
    const states = app.lines.map(({ message }) => message).filter((message) => message.startsWith("service bus "))
    expect(states).toEqual(["service bus connected", "service bus disconnected", "service bus connected"])
  })

  it("does not hold up a stop", async () => {
    await start()
    await app.waitForLine(isConnected)
    await broker.close()
    const startedAt = performance.now()

    expect(await app.stop()).toBe(0)

    expect(performance.now() - startedAt).toBeLessThan(25_000)
    broker = await listen(broker.port)
  })
})

describe("a stop", () => {
  it("starts no other message and gives those back that wait for their turn", async () => {
    await start({ maxConcurrentCalls: 1, prefetchCount: 1 })
    await send({ body: { holdMs: 500 }, messageId: "running" }, { body: {}, messageId: "waiting" })
    await app.waitForLine(({ message }) => message.includes("holdMs"))

    expect(await app.stop()).toBe(0)

    expect(received().map(({ triggerMetadata }) => triggerMetadata.messageId)).toEqual(["running"])
    const [next] = await client.createReceiver("jobs").receiveMessages(1, { maxWaitTimeInMs: 1_000 })
    expect(next).toMatchObject({ messageId: "waiting" })
  })

  it("leaves nothing locked of what it could finish", async () => {
    await start()
    await send({ body: { holdMs: 500 }, messageId: "finishes" })
    await app.waitForLine(({ message }) => message.includes("holdMs"))

    expect(await app.stop()).toBe(0)

    expect(app.lines.some(isDone("finishes"))).toBe(true)
    expect(await peeked()).toEqual([])
  })
})
