import { readBuilderConfig } from "./config.ts"
import { openEngine } from "./open-engine.ts"
import { errorText, OperatorError } from "./operator-error.ts"
import { runBuilder } from "./run.ts"

/** One JSON line for the operator. */
function note(text: string): void {
  process.stderr.write(`${JSON.stringify({ at: new Date().toISOString(), op: "builder", text })}\n`)
}

async function main(): Promise<number> {
  const stopper = new AbortController()
  for (const name of ["SIGTERM", "SIGINT"] as const)
    process.on(name, () => stopper.abort(new OperatorError(`got ${name}`)))
  try {
    const config = readBuilderConfig()
    return await runBuilder({ config, openEngine: (spec) => openEngine(spec, config), signal: stopper.signal, note })
  } catch (error) {
    note(errorText(error))
    return 1
  }
}

// Whatever a connection or a timer still holds open, the run is over.
process.exit(await main())
