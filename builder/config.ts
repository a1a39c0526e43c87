import { z } from "zod"
import { JsonText } from "../shared/json-text.ts"
import { problemsOf } from "../shared/problems-of.ts"
import { EngineChoice } from "./engine/engine.ts"
import { OperatorError } from "./operator-error.ts"

const milliseconds = (fallback: number) => z.coerce.number().nonnegative().default(fallback)

const Engine = JsonText.pipe(EngineChoice)

/** What a builder process is given (docs/architecture). Everything else comes with its spec. */
const Environment = z.object({
  SLIPWAY_RUN_URL: z.url(),
  SLIPWAY_RUN_TOKEN: z.string().min(1),
  SLIPWAY_WORK_DIR: z.string().startsWith("/"),
  SLIPWAY_ENGINE: Engine.optional(),
  /** Node's own setting; the engine's clients must trust the same authorities. */
  NODE_EXTRA_CA_CERTS: z.string().optional(),
  /** How long the service, the registry or the blob store may be away. */
  SLIPWAY_OUTAGE_MS: milliseconds(120_000),
  /** How long the end of the run is reported again and again. */
  SLIPWAY_FINISH_MS: milliseconds(300_000),
  SLIPWAY_LOG_BATCH_MS: milliseconds(200),
  SLIPWAY_LOG_SLOW_BATCH_MS: milliseconds(900),
  SLIPWAY_LOG_FAST_APPENDS: z.coerce.number().int().positive().default(10_000),
})

export type BuilderConfig = {
  runUrl: string
  runToken: string
  workFolder: string
  engine: EngineChoice | undefined
  caFile: string | undefined
  /** The environment without the token, for who looks for an engine. */
  environment: Record<string, string | undefined>
  outageMs: number
  finishMs: number
  log: { batchMs: number; slowBatchMs: number; fastAppends: number }
}

/**
 * Parses the environment and takes the run token out of it, so that no child process inherits it. Errors: one that lists every
 * mistake.
 */
export function readBuilderConfig(env: Record<string, string | undefined> = process.env): BuilderConfig {
  const result = Environment.safeParse(env)
  delete env.SLIPWAY_RUN_TOKEN
  if (!result.success) {
    throw new OperatorError(`The builder's environment is not usable: ${problemsOf(result.error).join("; ")}`)
  }
  const values = result.data
  return {
    runUrl: values.SLIPWAY_RUN_URL.replace(/\/+$/, ""),
    runToken: values.SLIPWAY_RUN_TOKEN,
    workFolder: values.SLIPWAY_WORK_DIR,
    engine: values.SLIPWAY_ENGINE,
    caFile: values.NODE_EXTRA_CA_CERTS || undefined,
    environment: { ...env },
    outageMs: values.SLIPWAY_OUTAGE_MS,
    finishMs: values.SLIPWAY_FINISH_MS,
    log: {
      batchMs: values.SLIPWAY_LOG_BATCH_MS,
      slowBatchMs: values.SLIPWAY_LOG_SLOW_BATCH_MS,
      fastAppends: values.SLIPWAY_LOG_FAST_APPENDS,
    },
  }
}
