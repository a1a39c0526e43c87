import type { EventEmitter } from "node:events"
import type { Server } from "node:net"
import rhea from "rhea"

// What the broker uses of rhea 3.0, typed once. rhea's own types leave out the encoder and the few internals that a
// broker needs (marked "internal"): test/contracts/service-bus/ fails when a release changes one of them.

/** A value with its AMQP type, so that it can be written again exactly as it came. */
export type Typed = { value: unknown; type: { typecode: number }; descriptor?: Typed }
export type AmqpError = { condition: string; description: string }
export type Terminus = { address?: string | null; filter?: Record<string, unknown> | null } | null

export type Delivery = {
  tag: Buffer
  remote_settled: boolean
  remote_state?: Outcome
  update(isSettled: boolean, state?: unknown): void
  accept(): void
  reject(error: AmqpError): void
}
type Outcome = {
  error?: { condition?: string; info?: Record<string, unknown> }
  undeliverable_here?: boolean
  message_annotations?: Record<string, unknown>
}

export type Link = EventEmitter & {
  name: string
  session: Session
  connection: Connection
  source: Terminus
  target: Terminus
  snd_settle_mode?: number
  rcv_settle_mode?: number
  is_open(): boolean
  close(error?: AmqpError): void
  /** Internal: the frames that answer the peer's attach, sent in the next tick. */
  local: { attach: Record<string, unknown> }
  remote: { attach: { source: unknown; target: unknown; snd_settle_mode?: number; rcv_settle_mode?: number } }
}
/** The broker's sending end: a client's receiver. */
export type Sender = Link & {
  credit: number
  send(message: unknown, tag?: Buffer, format?: number): Delivery
  set_drained(isDrained: boolean): void
  /** Internal. */
  delivery_count: number
  _get_drain(): boolean
}
/** The broker's receiving end: a client's sender. */
export type Receiver = Link
export type Session = {
  each_link(action: (link: Link) => void): void
  /** Internal. */
  outgoing: { available(): number }
  on_transfer(frame: { performative: { message_format?: number | null } }): void
  _write_flow(): void
}
export type Connection = EventEmitter & {
  find_sender(filter: (link: Sender) => boolean): Sender | undefined
  /** Internal: writes what is waiting in the next tick. */
  _register(): void
}
export type AmqpEvent = {
  connection: Connection
  session: Session
  sender: Sender
  receiver: Receiver
  delivery: Delivery
  /** Bytes: see `keepMessageBytes`. */
  message: Buffer
  format?: number
  error?: Error
}
export type Container = {
  on(event: "error", listener: (error: Error) => void): void
  on(event: string, listener: (event: AmqpEvent) => void): void
  listen(options: Record<string, unknown>): Server
}

type Wrap = (value: unknown) => Typed
type Library = {
  create_container(options: { id: string }): Container
  message: {
    decode(bytes: Buffer): Record<string, unknown>
    encode(message: Record<string, unknown>): Buffer
    accepted(): { described(): unknown }
    rejected(fields: { error: AmqpError }): { described(): unknown }
  }
  types: {
    Reader: new (bytes: Buffer) => { position: number; read(): Typed; remaining(): number }
    Writer: new () => { write(value: Typed): void; toBuffer(): Buffer }
    Map32: Wrap
    wrap: Wrap
    wrap_int: Wrap
    wrap_uint: Wrap
    wrap_ulong: Wrap
    wrap_long: Wrap
    wrap_list: Wrap
    wrap_symbol: Wrap
    wrap_timestamp: Wrap
    wrap_uuid: Wrap
    wrap_array(values: unknown[], typecode: number): Typed
    described(descriptor: Typed, value: Typed): Typed
    unwrap(value: Typed): unknown
  }
}

export const amqp = rhea as unknown as Library

/**
 * Makes rhea hand over a message's bytes: it decodes messages of format 0 and forgets their bytes, and a message that is
 * encoded again loses its AMQP types (symbols become strings, longs become ints). Other formats it leaves alone.
 */
export function keepMessageBytes(session: Session): void {
  const onTransfer = session.on_transfer
  session.on_transfer = (frame) => {
    if (!frame.performative.message_format) frame.performative.message_format = 1
    onTransfer.call(session, frame)
  }
}
