import type { z } from "zod"
import { problemsOf } from "../shared/problems-of.ts"

/**
 * The configuration that the supervisor gave this part, JSON in `SLIPWAY_PART` (an environment is private to its user, an
 * argument list is not). Errors: one that lists everything wrong with it.
 */
export function readPartConfig<Schema extends z.ZodType>(schema: Schema): z.infer<Schema> {
  const text = process.env.SLIPWAY_PART
  if (text === undefined) throw new Error("SLIPWAY_PART is not set: this part is started by the supervisor (npm start)")
  delete process.env.SLIPWAY_PART
  const result = schema.safeParse(JSON.parse(text))
  if (!result.success) throw new Error(`SLIPWAY_PART is wrong: ${problemsOf(result.error).join("; ")}`)
  return result.data
}
