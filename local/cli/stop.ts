import { stopStack } from "./stop-stack.ts"

process.exitCode = await stopStack(process.argv.slice(2))
