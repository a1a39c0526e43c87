// Process of the blob and table storage: see start-storage.ts.
import { readPartConfig } from "../config.ts"
import { logLine } from "./log-line.ts"
import { startStorage } from "./start-storage.ts"
import { StorageConfig } from "./storage-config.ts"

const storage = await startStorage(readPartConfig(StorageConfig))
logLine("info", { op: "storage", message: "listening", blobPort: storage.blobPort, tablePort: storage.tablePort })
for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, () => {
    storage.close().then(
      () => process.exit(0),
      (error: unknown) => {
        logLine("error", { op: "storage", message: "closing failed", error: String(error) })
        process.exit(1)
      },
    )
  })
}
