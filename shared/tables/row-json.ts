import type { RowProperties } from "./table-store.ts"

/** A string property holds 32K characters (contracts, "Tables"); JSON that is longer goes on in `json1`, `json2`, … */
const CHUNK = 30_000
const MAX_CHUNKS = 8

/** Spreads a JSON value over as many properties as it needs. Errors: RangeError above 240,000 characters. */
export function toRowJson(value: unknown): RowProperties {
  const text = JSON.stringify(value)
  const count = Math.max(1, Math.ceil(text.length / CHUNK))
  if (count > MAX_CHUNKS) throw new RangeError(`a row of ${text.length} characters is too large for the table`)
  const properties: RowProperties = {}
  for (let index = 0; index < count; index++) {
    properties[chunkName(index)] = text.slice(index * CHUNK, (index + 1) * CHUNK)
  }
  return properties
}

/** The value that {@link toRowJson} stored, unparsed by any schema. */
export function fromRowJson(properties: RowProperties): unknown {
  let text = ""
  for (let index = 0; index < MAX_CHUNKS; index++) {
    const chunk = properties[chunkName(index)]
    if (chunk === undefined) break
    text += chunk
  }
  return JSON.parse(text)
}

function chunkName(index: number): string {
  return index === 0 ? "json" : `json${index}`
}
