import { AppError } from "../errors.ts"

/** Far deeper than any request model; JSON that is deeper is an attack on the stack. */
const MAX_DEPTH = 64

/**
 * Clients may send null for "not given" (`arm-contract` 9): drops such properties, at every depth.
 * Errors: `InvalidRequestContent` for what is nested too deep.
 */
export function stripNulls(value: unknown, depth = 0): unknown {
  if (depth > MAX_DEPTH)
    throw new AppError("InvalidRequestContent", "The request content was invalid: it is nested too deep.", {
      target: "body",
    })
  if (Array.isArray(value)) return value.map((inner) => stripNulls(inner, depth + 1))
  if (typeof value !== "object" || value === null) return value
  const kept = Object.entries(value).filter(([, inner]) => inner !== null)
  return Object.fromEntries(kept.map(([key, inner]) => [key, stripNulls(inner, depth + 1)]))
}
