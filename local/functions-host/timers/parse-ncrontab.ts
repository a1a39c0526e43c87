type Field = { name: string; min: number; max: number; names?: readonly string[] }

const months = "january february march april may june july august september october november december".split(" ")
const weekdays = "sunday monday tuesday wednesday thursday friday saturday".split(" ")
const fields: readonly Field[] = [
  { name: "second", min: 0, max: 59 },
  { name: "minute", min: 0, max: 59 },
  { name: "hour", min: 0, max: 23 },
  { name: "day", min: 1, max: 31 },
  { name: "month", min: 1, max: 12, names: months },
  { name: "day of week", min: 0, max: 6, names: weekdays },
]

/** What each field allows, ascending: `values[0]` the seconds … `values[5]` the days of week, Sunday being 0. */
export type Ncrontab = { expression: string; values: readonly (readonly number[])[] }

/**
 * Parses `{second} {minute} {hour} {day} {month} {day of week}`; five fields mean second 0. A field is a list of `*`, `5`,
 * `5-10`, each with `/step`; months and days of week have names, of which any beginning will do; a range may run backwards.
 * Source: NCrontab, which Azure uses. Errors: one that names the field.
 */
export function parseNcrontab(expression: string): Ncrontab {
  const tokens = expression.trim().split(/\s+/)
  const all = tokens.length === 5 ? ["0", ...tokens] : tokens
  if (all.length !== fields.length) throw new Error(`schedule "${expression}" has ${tokens.length} fields instead of 6`)
  const values = fields.map((field, index) => parseField(all[index] ?? "", field, expression))
  return { expression, values }
}

function parseField(text: string, field: Field, expression: string): number[] {
  const allowed = new Set<number>()
  for (const piece of text.split(",")) {
    const { first, last, step } = parsePiece(piece, field, expression)
    for (let value = first; value <= last; value += step) allowed.add(value)
  }
  return [...allowed].sort((one, other) => one - other)
}

function parsePiece(text: string, field: Field, expression: string): { first: number; last: number; step: number } {
  const match = /^(?<first>\*|\w+)(?:-(?<last>\w+))?(?:\/(?<step>\d+))?$/.exec(text)
  const { first = "", last, step = "1" } = match?.groups ?? {}
  const wrong = () => new Error(`schedule "${expression}": "${text}" is not a ${field.name}`)
  if (match === null || Number(step) === 0 || (first === "*" && last !== undefined)) throw wrong()
  if (first === "*") return { first: field.min, last: field.max, step: Number(step) }
  const start = fieldValue(first, field)
  const hasStep = match.groups?.step !== undefined
  const end = last === undefined ? (hasStep ? field.max : start) : fieldValue(last, field)
  if (start === undefined || end === undefined) throw wrong()
  return { first: Math.min(start, end), last: Math.max(start, end), step: Number(step) }
}

function fieldValue(text: string, field: Field): number | undefined {
  if (/^\d+$/.test(text)) {
    const value = Number(text)
    return value >= field.min && value <= field.max ? value : undefined
  }
  const index = field.names?.findIndex((name) => name.startsWith(text.toLowerCase())) ?? -1
  return index < 0 ? undefined : index + field.min
}
