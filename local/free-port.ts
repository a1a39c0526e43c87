import { randomInt } from "node:crypto"
import { createServer } from "node:net"

/** Below what the kernel hands out for outgoing connections (32768–60999): a port from there may be taken at the next start. */
const RANGE = { from: 20_000, to: 32_768 }

export function isPortFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once("error", () => resolve(false))
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)))
  })
}

/** A port that nobody listens on and that is not in `taken`, to which it is added. */
export async function freePort(host: string, taken: Set<number>): Promise<number> {
  for (;;) {
    const port = randomInt(RANGE.from, RANGE.to)
    if (taken.has(port)) continue
    taken.add(port)
    if (await isPortFree(host, port)) return port
  }
}
