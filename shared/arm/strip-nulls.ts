/** Clients may send null for "not given" (`arm-contract` 9): drops such properties, at every depth. */
export function stripNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(stripNulls)
  if (typeof value !== "object" || value === null) return value
  const kept = Object.entries(value).filter(([, inner]) => inner !== null)
  return Object.fromEntries(kept.map(([key, inner]) => [key, stripNulls(inner)]))
}
