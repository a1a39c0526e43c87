import { createHmac } from "node:crypto"
import { once } from "node:events"
import { connect as connectSocket } from "node:net"
import rhea from "rhea"
import { expect, onTestFinished, test } from "vitest"
import { KEY, QUEUE, startTestBroker } from "./test-broker.ts"

// What the SDK depends on and hides: seen from a bare AMQP client.

async function connect(port: number) {
  const connection = rhea.create_container().connect({ host: "127.0.0.1", port, username: "x", reconnect: false })
  onTestFinished(() => connection.close())
  await once(connection, "connection_open")
  return connection
}

async function authorize(connection: rhea.Connection, resource: string, type = "servicebus.windows.net:sastoken") {
  const sr = encodeURIComponent(`sb://127.0.0.1/${resource}`)
  const expiry = Math.floor(Date.now() / 1_000) + 60
  const sig = encodeURIComponent(createHmac("sha256", KEY.key).update(`${sr}\n${expiry}`).digest("base64"))
  const replies = connection.open_receiver({ source: "$cbs", target: "replies", name: "replies" })
  const requests = connection.open_sender({ target: "$cbs" })
  await once(requests, "sendable")
  const answered = once(replies, "message")
  requests.send({
    message_id: "1",
    reply_to: "replies",
    body: `SharedAccessSignature sr=${sr}&sig=${sig}&se=${expiry}&skn=${KEY.name}`,
    application_properties: { operation: "put-token", type, name: `sb://127.0.0.1/${resource}` },
  })
  const [{ message }] = await answered
  return message.application_properties["status-code"]
}

test("a link that no token was put for is refused", async () => {
  const { port } = await startTestBroker()
  const connection = await connect(port)

  const sending = connection.open_sender({ target: QUEUE })
  const [{ sender }] = await once(sending, "sender_error")
  const receiving = connection.open_receiver({ source: QUEUE })
  const [{ receiver }] = await once(receiving, "receiver_error")

  expect(sender.error.condition).toBe("amqp:unauthorized-access")
  expect(receiver.error.condition).toBe("amqp:unauthorized-access")
})

test("a token for one path opens what lies below it and nothing else", async () => {
  const { port } = await startTestBroker({}, { queues: [{ name: "one" }, { name: "one-more" }] })
  const connection = await connect(port)
  expect(await authorize(connection, "one")).toBe(202)

  const allowed = connection.open_receiver({ source: "one/$management" })
  await once(allowed, "receiver_open")
  const refused = connection.open_receiver({ source: "one-more" })
  const [event] = await once(refused, "receiver_error")

  expect(allowed.is_open()).toBe(true)
  expect(event.receiver.error.condition).toBe("amqp:unauthorized-access")
})

test("a token of another kind than a shared access signature is refused", async () => {
  const { port } = await startTestBroker()

  expect(await authorize(await connect(port), QUEUE, "jwt")).toBe(401)
})

async function openQueue(port: number, options: Record<string, unknown> = {}) {
  const connection = await connect(port)
  expect(await authorize(connection, QUEUE)).toBe(202)
  const sender = connection.open_sender({ target: QUEUE })
  await once(sender, "sendable")
  const receiver = connection.open_receiver({
    source: QUEUE,
    credit_window: 0,
    autoaccept: false,
    rcv_settle_mode: 1,
    ...options,
  })
  await once(receiver, "receiver_open")
  return { connection, sender, receiver }
}

test("a drain is answered, with credit left and without", async () => {
  const { port } = await startTestBroker()
  const { receiver } = await openQueue(port)

  for (const credit of [10, 0]) {
    const drained = once(receiver, "receiver_drained")
    receiver.add_credit(credit)
    receiver.drain_credit()
    await drained
    receiver.drain = false
  }

  expect(receiver.is_open()).toBe(true)
})

test("each flow of a client is answered by one, so that its next small write need not wait", async () => {
  const { port } = await startTestBroker()
  const { receiver } = await openQueue(port)
  const session = receiver.session as unknown as { on_flow(frame: unknown): void }
  const onFlow = session.on_flow
  const answered = new Promise<void>((resolve) => {
    session.on_flow = (frame) => {
      onFlow.call(session, frame)
      resolve()
    }
  })

  receiver.add_credit(1)

  await answered
})

test("a released message comes again and the delivery does not count", async () => {
  const { port } = await startTestBroker()
  const { sender, receiver } = await openQueue(port)
  sender.send({ body: 1 })
  receiver.add_credit(2)

  const [first] = await once(receiver, "message")
  first.delivery.release()
  const [second] = await once(receiver, "message")

  expect(first.message.delivery_count).toBe(0)
  expect(second.message.delivery_count).toBe(0)
})

test("a receiver takes no more than it has credit for; the rest is there for others", async () => {
  const { port } = await startTestBroker()
  const { connection, sender, receiver } = await openQueue(port)
  for (let body = 0; body < 6; body += 1) {
    const accepted = once(sender, "accepted")
    sender.send({ body })
    await accepted
  }
  const seen: unknown[] = []
  receiver.on("message", ({ message }) => seen.push(message.body))

  receiver.add_credit(2)
  const drained = once(receiver, "receiver_drained")
  receiver.drain_credit()
  await drained
  const other = connection.open_receiver({ source: QUEUE, credit_window: 0, autoaccept: false })
  const others: unknown[] = []
  const { promise: allSeen, resolve } = Promise.withResolvers<void>()
  other.on("message", ({ message }) => {
    others.push(message.body)
    if (others.length === 4) resolve()
  })
  other.add_credit(10)
  await allSeen

  expect(seen).toEqual([0, 1])
  expect(others).toEqual([2, 3, 4, 5])
})

test("what is no message is rejected, and the link goes on", async () => {
  const { port } = await startTestBroker()
  const { sender } = await openQueue(port)

  const rejected = once(sender, "rejected")
  sender.send(Buffer.from("not a message"), undefined, 0)
  const [{ delivery }] = await rejected
  const accepted = once(sender, "accepted")
  sender.send({ body: 1 })
  await accepted

  expect(delivery.remote_state.error.condition).toBe("amqp:decode-error")
})

test("an operation that is not offered is answered with 501", async () => {
  const { port } = await startTestBroker()
  const { connection } = await openQueue(port)
  const replies = connection.open_receiver({ source: `${QUEUE}/$management`, target: "mine", name: "mine" })
  const requests = connection.open_sender({ target: `${QUEUE}/$management` })
  await once(requests, "sendable")

  const answered = once(replies, "message")
  requests.send({
    message_id: "7",
    reply_to: "mine",
    body: {},
    application_properties: { operation: "com.microsoft:set-session-state" },
  })
  const [{ message }] = await answered

  expect(message).toMatchObject({ correlation_id: "7", application_properties: { statusCode: 501 } })
})

test("a request with a body that makes no sense is answered with 400", async () => {
  const { port } = await startTestBroker()
  const { connection } = await openQueue(port)
  const replies = connection.open_receiver({ source: `${QUEUE}/$management`, target: "mine", name: "mine" })
  const requests = connection.open_sender({ target: `${QUEUE}/$management` })
  await once(requests, "sendable")

  const answered = once(replies, "message")
  requests.send({
    message_id: "7",
    reply_to: "mine",
    body: { "lock-tokens": 1 },
    application_properties: { operation: "com.microsoft:renew-lock" },
  })
  const [{ message }] = await answered

  expect(message.application_properties).toMatchObject({
    statusCode: 400,
    errorCondition: "com.microsoft:argument-error",
  })
})

test("a connection that talks nonsense is closed and harms nobody", async () => {
  const { port, client } = await startTestBroker()

  for (const bytes of [
    Buffer.from("GET / HTTP/1.1\r\n\r\n"),
    Buffer.from("AMQP\0\x01\0\0\xff\xff\xff\xff\xff\xff\xff\xff", "latin1"),
  ]) {
    const socket = connectSocket(port, "127.0.0.1")
    socket.on("error", () => {}).resume()
    await once(socket, "connect")
    socket.end(bytes)
    await once(socket, "close")
  }

  await client.createSender(QUEUE).sendMessages({ body: 1 })
})
