import { type AmqpError, type AmqpEvent, type Container, keepMessageBytes, type Link } from "./amqp.ts"
import { createClaims } from "./cbs.ts"
import type { Log } from "./log.ts"
import { onManagementRequest } from "./management.ts"
import type { QueueState } from "./queue-state.ts"
import type { SharedKey } from "./sas-token.ts"
import { serveReceiver } from "./serve-receiver.ts"
import { serveSender } from "./serve-sender.ts"

type Deps = {
  /** By name in lower case; dead-letter queues too. */
  queues: Map<string, QueueState>
  key: SharedKey
  maxMessageBytes: number
  now(): number
  log: Log
}

const CBS = "$cbs"
const MANAGEMENT = "/$management"

/** Serves the links that clients open: to a queue, to its `$management` node, or to `$cbs`. */
export function acceptLinks(container: Container, deps: Deps): void {
  const { queues, maxMessageBytes, log } = deps
  const claims = createClaims(deps.key, deps.now)
  const leaves = new Map<Link, () => void>()
  const leave = (link: Link) => {
    leaves.get(link)?.()
    leaves.delete(link)
  }

  const open = (
    event: AmqpEvent,
    link: Link,
    address: string,
  ): { queue: QueueState; isManagement: boolean } | undefined => {
    // The peer takes the link for refused unless its own terms come back.
    Object.assign(link.local.attach, {
      source: link.remote.attach.source,
      target: link.remote.attach.target,
      snd_settle_mode: link.remote.attach.snd_settle_mode,
      rcv_settle_mode: link.remote.attach.rcv_settle_mode,
      max_message_size: maxMessageBytes,
    })
    if (address === CBS) return undefined
    const isManagement = address.toLowerCase().endsWith(MANAGEMENT)
    const queue = queues.get((isManagement ? address.slice(0, -MANAGEMENT.length) : address).toLowerCase())
    const refusal = queue === undefined ? notFound(address) : refuse(event, link, address)
    if (queue !== undefined && refusal === undefined) return { queue, isManagement }
    link.close(refusal)
    return undefined
  }
  const refuse = ({ connection }: AmqpEvent, link: Link, address: string): AmqpError | undefined => {
    if (!claims.allow(connection, address)) return unauthorized(address)
    const filter = link.source?.filter
    if (filter && Object.hasOwn(filter, "com.microsoft:session-filter")) return notImplemented("Sessions are")
    return undefined
  }

  container.on("session_open", ({ session }) => keepMessageBytes(session))
  container.on("receiver_open", (event) => {
    const { receiver } = event
    const address = receiver.target?.address ?? ""
    const opened = open(event, receiver, address)
    if (address === CBS) receiver.on("message", claims.onRequest)
    else if (opened?.isManagement) receiver.on("message", (request) => onManagementRequest(opened.queue, request))
    else if (opened?.queue.deadLetters) serveSender(receiver, opened.queue, maxMessageBytes)
    else if (opened) receiver.close(notAllowed("A dead-letter queue takes no messages from senders."))
  })
  container.on("sender_open", (event) => {
    const { sender } = event
    const opened = open(event, sender, sender.source?.address ?? "")
    if (opened && !opened.isManagement) leaves.set(sender, serveReceiver(sender, opened.queue))
  })

  container.on("sender_close", ({ sender }) => leave(sender))
  container.on("session_close", ({ session }) => session.each_link(leave))
  for (const end of ["connection_close", "disconnected"]) {
    container.on(end, ({ connection }) => {
      for (const link of leaves.keys()) if (link.connection === connection) leave(link)
    })
  }
  // Without listeners rhea throws, or writes to the console.
  container.on("error", (error) => log("amqpError", { error: String(error) }))
  container.on("protocol_error", (error) => log("protocolError", { error: String(error) }))
  for (const name of ["connection_error", "session_error", "sender_error", "receiver_error"]) {
    container.on(name, ({ error }) => log("clientError", { kind: name, error: String(error ?? "") }))
  }
}

function notFound(address: string): AmqpError {
  const description = `The messaging entity '${address}' could not be found. Queues come from the local stack's configuration.`
  return { condition: "amqp:not-found", description }
}

function unauthorized(address: string): AmqpError {
  return { condition: "amqp:unauthorized-access", description: `No valid token was put for '${address}'.` }
}

function notImplemented(what: string): AmqpError {
  return { condition: "amqp:not-implemented", description: `${what} not offered by the local broker.` }
}

function notAllowed(description: string): AmqpError {
  return { condition: "amqp:not-allowed", description }
}
