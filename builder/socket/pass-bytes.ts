import type { IncomingMessage } from "node:http"
import { Socket } from "node:net"
import type { Duplex } from "node:stream"

/**
 * Passes an upgraded call on to the engine's socket, and from there on bytes, not HTTP: each end by itself, so that a program may answer
 * after its input has ended. What is cut off on one side is cut off on the other. `head`: what came after the call's headers already.
 */
export function passBytes(incoming: IncomingMessage, client: Duplex, head: Buffer, engine: string): void {
  const upstream = new HeardOut({ allowHalfOpen: true })
  upstream.connect({ path: engine })
  const lines = [`${incoming.method} ${incoming.url} HTTP/1.1`]
  for (let at = 0; at < incoming.rawHeaders.length; at += 2) {
    lines.push(`${incoming.rawHeaders[at]}: ${incoming.rawHeaders[at + 1]}`)
  }
  upstream.write(`${lines.join("\r\n")}\r\n\r\n`, "latin1")
  upstream.write(head)
  for (const [one, other] of [
    [client, upstream],
    [upstream, client],
  ] as const) {
    one.on("error", () => other.destroy())
    // One that came to both of its ends has passed them on.
    one.once("close", () => (one.readableEnded && one.writableFinished) || other.destroy())
    one.pipe(other)
  }
  client.once("finish", () => upstream.isGone && client.destroy())
}

/**
 * A connection to an engine that may close it with input unread, as for a container that ends early. Node would drop what the engine said
 * before and we have not read yet: here a failed write is input that nobody wanted, and a failed read is the end.
 */
class HeardOut extends Socket {
  isGone = false

  override _write(chunk: unknown, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    super._write(chunk, encoding, this.#written(done))
  }

  override _writev(chunks: { chunk: unknown; encoding: BufferEncoding }[], done: (error?: Error | null) => void): void {
    super._writev?.(chunks, this.#written(done))
  }

  override destroy(error?: Error): this {
    if (error === undefined || this.destroyed) return super.destroy(error)
    this.isGone = true
    this.push(null)
    return this
  }

  #written(done: () => void) {
    return (error?: Error | null) => {
      if (error) this.isGone = true
      done()
    }
  }
}
