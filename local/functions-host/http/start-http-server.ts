import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { type HttpDeps, handleRequest } from "./handle-request.ts"

/** Listens; `close` stops accepting and resolves when the last connection is gone. Errors: the address is taken. */
export async function startHttpServer(
  deps: HttpDeps,
  address: { host: string; port: number },
): Promise<{ port: number; close(): Promise<void>; drop(): void }> {
  const server = createServer((request, response) => {
    void handleRequest(deps, request, response)
  })
  // Time limits are Azure's front end's business; Node's own would cut uploads off after five minutes.
  server.requestTimeout = 0
  server.keepAliveTimeout = 65_000
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject)
    server.listen(address.port, address.host, resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeIdleConnections()
      }),
    drop: () => server.closeAllConnections(),
  }
}
