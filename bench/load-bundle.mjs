// Prints how many milliseconds the import of a function app takes.
import { pathToFileURL } from "node:url"
import { standInForCore } from "../scripts/stand-in-core.mjs"

standInForCore()
const { href } = pathToFileURL(process.argv[2] ?? "")
const startedAt = performance.now()
await import(href)
process.stdout.write(String(performance.now() - startedAt))
process.exit(0)
