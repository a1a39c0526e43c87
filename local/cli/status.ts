import { showStatus } from "./show-status.ts"

process.exitCode = showStatus(process.argv.slice(2))
