import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { appendFile, readFile, stat, truncate } from "node:fs/promises"
import path from "node:path"
import { createInterface } from "node:readline"
import { expect, onTestFinished, test } from "vitest"
import type { ServiceBusConfig } from "../../../local/service-bus/config.ts"
import { bodies, connectClient, QUEUE, receive, receiveNothing, receiveOne, testConfig } from "./test-broker.ts"

const MAIN = path.resolve(import.meta.dirname, "../../../local/service-bus/main.ts")
const DEAD = { subQueueType: "deadLetter" } as const

/** The broker as the supervisor starts it: a process of its own. Its files may not grow beyond `maxFileKilobytes`. */
async function spawnBroker(config: ServiceBusConfig, maxFileKilobytes?: number) {
  const limit = maxFileKilobytes === undefined ? "" : `trap "" XFSZ; ulimit -f ${maxFileKilobytes};`
  const child = spawn("bash", ["-c", `${limit} exec "$0" "$1"`, process.execPath, MAIN], {
    env: { ...process.env, SLIPWAY_PART: JSON.stringify(config) },
    stdio: ["ignore", "pipe", "inherit"],
  })
  onTestFinished(() => kill(child))
  const events: { event: string; port?: number; droppedBytes?: number }[] = []
  for await (const line of createInterface(child.stdout!)) {
    const event = JSON.parse(line)
    events.push(event)
    if (event.event === "ready") break
  }
  const port = events.at(-1)!.port!
  return { port, events, child, kill: () => kill(child) }
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill("SIGKILL")
  await once(child, "exit")
}

test("what was accepted survives SIGKILL; what was completed does not come back", async () => {
  const config = await testConfig()
  const first = await spawnBroker(config)
  const client = connectClient(first.port)
  const sender = client.createSender(QUEUE)
  await sender.sendMessages([1, 2, 3, 4].map((body) => ({ body, messageId: `m-${body}` })))
  await sender.sendMessages({ body: { five: true }, messageId: "m-5", applicationProperties: { kept: "yes" } })
  const receiver = client.createReceiver(QUEUE)
  const [one, two] = await receive(receiver, 2)
  await receiver.completeMessage(one!)
  await receiver.completeMessage(two!)

  await first.kill()
  const second = await spawnBroker({ ...config, port: first.port })
  const after = connectClient(second.port).createReceiver(QUEUE)

  const messages = await receive(after, 3)
  expect(bodies(messages)).toEqual([3, 4, { five: true }])
  expect(messages[2]).toMatchObject({ messageId: "m-5", applicationProperties: { kept: "yes" }, deliveryCount: 0 })
  expect(await receiveNothing(after)).toEqual([])
})

test("SIGKILL while many senders are at work: all that was acknowledged is there, once", async () => {
  const config = await testConfig()
  const first = await spawnBroker(config)
  const acknowledged: number[] = []
  const { promise: enough, resolve } = Promise.withResolvers<void>()
  const sender = connectClient(first.port).createSender(QUEUE)
  let next = 0
  const send = async () => {
    for (;;) {
      const body = next++
      await sender.sendMessages({ body })
      acknowledged.push(body)
      if (acknowledged.length === 300) resolve()
    }
  }
  const senders = Promise.allSettled(Array.from({ length: 16 }, send))
  await enough

  await first.kill()
  const acknowledgedBeforeKill = [...acknowledged]
  const second = await spawnBroker(config)
  const found = new Set<unknown>()
  const receiver = connectClient(second.port).createReceiver(QUEUE)
  for (let peeked = await receiver.peekMessages(500); peeked.length > 0; peeked = await receiver.peekMessages(500)) {
    for (const { body } of peeked) {
      expect(found.has(body)).toBe(false)
      found.add(body)
    }
  }

  expect(acknowledgedBeforeKill.filter((body) => !found.has(body))).toEqual([])
  // The senders find no broker on the old port any more.
  await senders
})

test("deferred, scheduled and dead-lettered messages, delivery counts and duplicate ids survive SIGKILL", async () => {
  const config = await testConfig({ duplicateDetectionWindowSeconds: 600, maxDeliveryCount: 5 })
  const first = await spawnBroker(config)
  const client = connectClient(first.port)
  const sender = client.createSender(QUEUE)
  const receiver = client.createReceiver(QUEUE)
  await sender.sendMessages(["deferred", "dead", "tried", "done"].map((body) => ({ body, messageId: body })))
  const [deferred, dead, tried, done] = await receive(receiver, 4)
  await receiver.deferMessage(deferred!, { why: "order" })
  await receiver.deadLetterMessage(dead!, { deadLetterReason: "Broken", deadLetterErrorDescription: "unreadable" })
  await receiver.completeMessage(done!)
  await receiver.abandonMessage(tried!)
  await receiveOne(receiver)
  const due = Date.now() + 2_500
  const [number] = await sender.scheduleMessages({ body: "scheduled", messageId: "scheduled" }, new Date(due))
  const [cancelled] = await sender.scheduleMessages({ body: "cancelled" }, new Date(due))
  await sender.cancelScheduledMessages(cancelled!)

  await first.kill()
  const second = await spawnBroker(config)
  const again = connectClient(second.port)
  const after = again.createReceiver(QUEUE)

  const peeked = await after.peekMessages(10)
  expect(peeked.map(({ body, state }) => [body, state])).toEqual([
    ["deferred", "deferred"],
    ["tried", "active"],
    ["scheduled", "scheduled"],
  ])
  expect(peeked[2]?.sequenceNumber).toEqual(number)
  // Abandoned once, and locked when the broker died.
  expect(await receiveOne(after)).toMatchObject({ body: "tried", deliveryCount: 2 })
  expect(await after.receiveDeferredMessages(deferred!.sequenceNumber!)).toMatchObject([
    { body: "deferred", applicationProperties: { why: "order" } },
  ])
  expect(await receiveOne(again.createReceiver(QUEUE, DEAD))).toMatchObject({
    body: "dead",
    deadLetterReason: "Broken",
  })
  await again.createSender(QUEUE).sendMessages({ body: "a second time", messageId: "done" })
  expect(await receiveOne(after)).toMatchObject({ body: "scheduled" })
  expect(Date.now()).toBeGreaterThanOrEqual(due)
  expect(await receiveNothing(after)).toEqual([])
})

test("a message that is in hand each time the broker dies ends in the dead-letter queue", async () => {
  const config = await testConfig({ maxDeliveryCount: 2 })
  for (const round of [0, 1]) {
    const broker = await spawnBroker(config)
    const client = connectClient(broker.port)
    if (round === 0) await client.createSender(QUEUE).sendMessages({ body: "poison" })
    expect(await receiveOne(client.createReceiver(QUEUE))).toMatchObject({ deliveryCount: round })
    await broker.kill()
  }

  const last = await spawnBroker(config)

  const dead = await receiveOne(connectClient(last.port).createReceiver(QUEUE, DEAD))
  expect(dead).toMatchObject({ body: "poison", deadLetterReason: "MaxDeliveryCountExceeded" })
})

test.each([
  ["garbage at its end", async (file: string) => appendFile(file, Buffer.alloc(37, 0xab)), [1, 2, 3, "after"]],
  ["the start of a record", async (file: string) => appendFile(file, Buffer.from([0, 0, 1, 0, 9])), [1, 2, 3, "after"]],
  [
    "a last record that is cut off",
    async (file: string) => truncate(file, (await stat(file)).size - 20),
    [1, 2, "after"],
  ],
])("a journal torn by %s is noticed, keeps what is whole and goes on", async (_, tear, expected) => {
  const config = await testConfig()
  const file = path.join(config.dataFolder, "journal.log")
  const first = await spawnBroker(config)
  const sender = connectClient(first.port).createSender(QUEUE)
  for (const body of [1, 2, 3]) await sender.sendMessages({ body })
  await first.kill()
  await tear(file)

  const second = await spawnBroker(config)
  await connectClient(second.port).createSender(QUEUE).sendMessages({ body: "after" })
  await second.kill()
  const third = await spawnBroker(config)
  const peeked = await connectClient(third.port).createReceiver(QUEUE).peekMessages(10)

  expect(second.events).toContainEqual(expect.objectContaining({ event: "journalTorn" }))
  expect((await stat(`${file}.torn`)).size).toBeGreaterThan(0)
  expect(bodies(peeked)).toEqual(expected)
  expect(third.events).not.toContainEqual(expect.objectContaining({ event: "journalTorn" }))
})

test("SIGTERM ends the broker, and everything is there afterwards", async () => {
  const config = await testConfig()
  const first = await spawnBroker(config)
  await connectClient(first.port).createSender(QUEUE).sendMessages({ body: 1 })

  first.child.kill("SIGTERM")
  const [code] = await once(first.child, "exit")
  const second = await spawnBroker(config)

  expect(code).toBe(0)
  expect(bodies(await connectClient(second.port).createReceiver(QUEUE).peekMessages(5))).toEqual([1])
})

test("a second broker on the same port fails without touching the journal of the first", async () => {
  const config = await testConfig()
  const first = await spawnBroker(config)
  await connectClient(first.port).createSender(QUEUE).sendMessages({ body: 1 })
  const file = path.join(config.dataFolder, "journal.log")
  const before = await readFile(file)

  const second = spawn(process.execPath, [MAIN], {
    env: { ...process.env, SLIPWAY_PART: JSON.stringify({ ...config, port: first.port }) },
    stdio: "ignore",
  })
  const [code] = await once(second, "exit")

  expect(code).not.toBe(0)
  expect(await readFile(file)).toEqual(before)
})

test("a disk that is full is told to the sender, and what was accepted stays whole", async () => {
  const config = await testConfig()
  const first = await spawnBroker(config, 64)
  const client = connectClient(first.port, undefined, { retryOptions: { maxRetries: 0 } })
  const sender = client.createSender(QUEUE)
  await sender.sendMessages({ body: "before", messageId: "before" })

  const tooMuch = sender.sendMessages([{ body: "lost" }, { body: Buffer.alloc(100_000) }])
  await expect(tooMuch).rejects.toMatchObject({ code: "ServiceBusy" })
  await sender.sendMessages({ body: "after" })
  const seen = bodies(await client.createReceiver(QUEUE).peekMessages(10))
  await first.kill()
  const second = await spawnBroker(config)

  expect(seen).toEqual(["before", "after"])
  expect(bodies(await connectClient(second.port).createReceiver(QUEUE).peekMessages(10))).toEqual(seen)
  expect(second.events).not.toContainEqual(expect.objectContaining({ event: "journalTorn" }))
})
