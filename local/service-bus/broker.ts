// Stands in for Azure Service Bus on one machine: queues that the unmodified @azure/service-bus client (and everything
// built on it) talks to over plain AMQP 1.0, with `UseDevelopmentEmulator=true` in its connection string.
//
// What is real: tokens on $cbs with the shared key checked, send and batch, peek-lock and receive-and-delete, complete,
// abandon, dead-letter, defer and fetch deferred, lock expiry and renewal, schedule and cancel, peek, duplicate detection,
// time to live and delivery limits that end in `<queue>/$deadletterqueue`, competing receivers, size limits. What was
// accepted is on the disk (journal.ts): it survives SIGKILL and power loss, as do completions, schedules, deferrals and the
// ids of duplicate detection. Delivery counts reach the disk a moment later.
//
// What is left out: sessions, topics and subscriptions, transactions, partitions, forwarding, auto-delete, the HTTP
// administration API (queues come from the configuration), TLS, Entra ID tokens, WebSockets, large messages. Locks do not
// survive a restart of the broker: what was locked is handed out again at once, with its delivery counted.
// A link whose token runs out stays open; new ones need a valid token. An expired message always goes to the dead-letter
// queue.
import { once } from "node:events"
import type { AddressInfo, Socket } from "node:net"
import { acceptLinks } from "./accept-links.ts"
import { amqp } from "./amqp.ts"
import { ServiceBusConfig } from "./config.ts"
import { type Journal, openJournal } from "./journal.ts"
import { type Log, log as logLine } from "./log.ts"
import { createQueue } from "./queue.ts"
import type { QueueState } from "./queue-state.ts"
import { applyRecord, pictureOf, wakeRestored } from "./restore-queues.ts"

export type Broker = {
  port: number
  /** Stops serving and puts what is waiting on the disk. */
  close(): Promise<void>
}

/** Restores the queues from the journal and serves them. Errors: the port is taken; the journal is of a newer version. */
export async function startBroker(input: ServiceBusConfig, log: Log = logLine, now = Date.now): Promise<Broker> {
  const config = ServiceBusConfig.parse(input)
  // Opened below: first the port, so that a second broker on the same port never touches the journal.
  const opened: { journal?: Journal } = {}
  const journal: Pick<Journal, "append" | "barrier"> = {
    append: (...entry) => opened.journal?.append(...entry),
    barrier: (done) => opened.journal?.barrier(done),
  }
  const queues = config.queues.map((queue) => createQueue({ journal, now }, queue))
  const states = queues.flatMap(({ queue, deadLetters }): QueueState[] => [queue, deadLetters])
  const byName = new Map(states.map((state) => [state.name.toLowerCase(), state]))

  const container = amqp.create_container({ id: "slipway-service-bus" })
  acceptLinks(container, { queues: byName, key: config.key, maxMessageBytes: config.maxMessageBytes, now, log })
  const server = container.listen({
    port: config.port,
    host: config.host,
    tcp_no_delay: true,
    max_frame_size: 65_536,
    // Credit is for messages on their way to the disk; unsettled deliveries may be many.
    receiver_options: { autoaccept: false, credit_window: 500 },
    sender_options: { treat_modified_as_released: false },
    session_buffer_size: { incoming: 2_048, outgoing: 5_000 },
  })
  const sockets = new Set<Socket>()
  server.on("connection", (socket) => {
    sockets.add(socket)
    socket.once("close", () => sockets.delete(socket))
  })
  await once(server, "listening")

  let unknown = 0
  opened.journal = openJournal({
    folder: config.dataFolder,
    apply: (record, bytes) => {
      if (!applyRecord(byName, record, bytes)) unknown += 1
    },
    snapshot: () => pictureOf(states),
    log,
  })
  for (const state of states) wakeRestored(state)
  if (unknown > 0) log("queueNotConfigured", { droppedRecords: unknown })

  const { port } = server.address() as AddressInfo
  log("ready", { port, messages: Object.fromEntries(states.map(({ name, messages }) => [name, messages.size])) })
  return {
    port,
    async close() {
      const closed = once(server, "close")
      server.close()
      for (const { close } of queues) close()
      await opened.journal?.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}
