import http, { type RequestListener } from "node:http"
import type { Server } from "node:https"
import type { Socket } from "node:net"

/** First byte of a TLS record that holds a handshake (RFC 8446 5.1). */
const TLS_HANDSHAKE = 22
/** A connection that says nothing, or a plain one that falls silent. */
const SILENCE_MS = 20_000

/**
 * Lets programs of this machine speak plain HTTP on the TLS port; `listener` decides what they get. Container engines fetch
 * registry tokens with the system's certificates only (containerd's image store, Docker 29's default), which do not hold our CA,
 * and an engine that is used as it is found cannot be told of it. Everyone else's first byte must begin a handshake.
 */
export function acceptPlain(server: Server, listener: RequestListener): { close(): void } {
  const plain = http.createServer({ maxHeaderSize: 16_384, requireHostHeader: true }, listener)
  // A connection that is kept is closed by us at the moment when an engine uses it again: a token that could not be had.
  plain.maxRequestsPerSocket = 1
  plain.setTimeout(SILENCE_MS)
  const sockets = new Set<Socket>()
  const secure = server.listeners("connection") as ((socket: Socket) => void)[]
  server.removeAllListeners("connection")
  server.on("connection", (socket: Socket) => {
    const end = () => socket.destroy()
    socket.once("error", end)
    socket.setTimeout(SILENCE_MS, end)
    socket.once("data", (chunk: Buffer) => {
      socket.pause()
      socket.unshift(chunk)
      socket.off("error", end)
      socket.off("timeout", end)
      socket.setTimeout(0)
      if (chunk[0] === TLS_HANDSHAKE) {
        for (const listen of secure) listen.call(server, socket)
        return
      }
      if (!isLoopback(socket.remoteAddress)) {
        socket.destroy()
        return
      }
      sockets.add(socket)
      socket.once("close", () => sockets.delete(socket))
      plain.emit("connection", socket)
      socket.resume()
    })
  })
  return {
    close() {
      for (const socket of sockets) socket.destroy()
    },
  }
}

function isLoopback(address: string | undefined): boolean {
  return address !== undefined && /^(?:::ffff:)?127\.|^::1$/.test(address)
}
