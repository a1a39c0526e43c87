import http from "node:http"
import type { Server } from "node:net"
import type { ProgrammingModel } from "./core-types.ts"

/**
 * Asks the library for its capabilities, which also ends its set-up. With `app.setup({ enableHttpStream: true })` this call
 * starts an HTTP server on all interfaces; it is held to the loopback address.
 */
export async function getCapabilities(model: ProgrammingModel): Promise<Record<string, string>> {
  const createServer = http.createServer
  Reflect.set(http, "createServer", (...args: Parameters<typeof createServer>) => onLoopback(createServer(...args)))
  try {
    return (await model.getCapabilities?.({})) ?? {}
  } finally {
    Reflect.set(http, "createServer", createServer)
  }
}

function onLoopback<Listener extends Server>(server: Listener): Listener {
  const listen = server.listen.bind(server)
  const pinned = (...args: unknown[]): Server => {
    const callback = args.find((argument): argument is () => void => typeof argument === "function")
    const port = typeof args[0] === "number" ? args[0] : 0
    return listen(port, "127.0.0.1", callback)
  }
  return Object.assign(server, { listen: pinned })
}
