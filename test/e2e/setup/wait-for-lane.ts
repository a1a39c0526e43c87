import { createServer } from "node:net"
import { expect } from "vitest"
import { laneOf } from "./lanes.ts"

/** Held by an address that the kernel gives to one process at a time, and takes back when that process ends. */
async function take(lane: string): Promise<void> {
  const address = `\0slipway-lane-${process.ppid}-${lane}`
  for (;;) {
    const server = createServer()
    const isOurs = await new Promise<boolean>((resolve) => {
      server.once("error", () => resolve(false))
      server.listen(address, () => resolve(true))
    })
    server.unref()
    if (isOurs) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

await take(laneOf(expect.getState().testPath ?? ""))
