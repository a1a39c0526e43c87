import { runDemo } from "./run-demo.ts"

// Not merely its exit code: what an interrupted demo left waiting must not hold it.
process.exit(await runDemo(process.argv.slice(2)))
