import { readPartConfig } from "../config.ts"
import { startBroker } from "./broker.ts"
import { ServiceBusConfig } from "./config.ts"

// The process that the supervisor starts: the broker until SIGTERM. What was accepted is on the disk at any moment, so that
// stopping it is a courtesy, not a need.
const broker = await startBroker(readPartConfig(ServiceBusConfig))
process.once("SIGTERM", async () => {
  await broker.close()
  process.exit(0)
})
