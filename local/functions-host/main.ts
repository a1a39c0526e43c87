// The process of the local Functions host; see start-functions-host.ts for what it stands in for and what it leaves out.
import { readPartConfig } from "../config.ts"
import { FunctionsHostConfig } from "./functions-host-config.ts"
import { startFunctionsHost } from "./start-functions-host.ts"
import { errorText, writeLog } from "./write-log.ts"

try {
  const host = await startFunctionsHost(readPartConfig(FunctionsHostConfig))
  let isStopping = false
  const stop = async (signal: string) => {
    if (isStopping) return
    isStopping = true
    writeLog("information", "host", "stopping", { signal })
    try {
      await host.close()
      writeLog("information", "host", "stopped")
      process.exit(0)
    } catch (error) {
      writeLog("error", "host", "not stopped cleanly", { error: errorText(error) })
      process.exit(1)
    }
  }
  process.on("SIGTERM", stop)
  process.on("SIGINT", stop)
} catch (error) {
  writeLog("critical", "host", "not started", { error: errorText(error) })
  process.exit(1)
}
