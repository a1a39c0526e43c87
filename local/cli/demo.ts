import { runDemo } from "./run-demo.ts"

process.exitCode = await runDemo(process.argv.slice(2))
