// Process of the front: see start-front.ts.
import { readPartConfig } from "../config.ts"
import { FrontConfig } from "./front-config.ts"
import { logLine } from "./log-line.ts"
import { startFront } from "./start-front.ts"

const front = await startFront(readPartConfig(FrontConfig))
logLine("info", { op: "front", message: "listening", port: front.port })
for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, () => {
    front.close().then(
      () => process.exit(0),
      () => process.exit(1),
    )
  })
}
