import type { TaskFile } from "../task-file-schema.ts"
import type { Path } from "../yaml/places.ts"
import type { Report } from "./report.ts"

/** Entries that a task's steps may inherit together. */
const MAX_ENTRIES = 200_000

type Entry = { text: string; offset: number }
/** What every step inherits, split and checked: names and whole entries, in order. */
export type Inherited = { name: string; text: string }[]

/**
 * What steps inherit (task-file 2, `env`): the task's entries, then those of the run whose names the task lacks. Commas separate
 * entries at this level, and each needs a `=`.
 */
export function inheritedEnvironment(file: TaskFile, ofRun: readonly string[], report: Report): Inherited {
  const own = entriesOf(file.env, ["env"], report)
  const names = new Set(own.map(({ text }) => nameOf(text)))
  const further = ofRun.flatMap((text) => text.split(",")).filter((text) => !names.has(nameOf(text)))
  // Without steps ACR looks at none of them.
  const pieces = [...own, ...further.map((text) => ({ text, offset: 0 }))]
    .filter(() => (file.steps ?? []).length > 0)
    .flatMap(({ text, offset }) => text.split(",").map((piece) => ({ text: piece, offset })))
  for (const { text, offset } of pieces) {
    if (text.includes("=")) continue
    report.problem(
      `failed to merge task and step environment variables: cannot parse task environment variable ${text} correctly: write NAME=value; a comma separates variables here, and only a step's own env may hold one.`,
      offset,
    )
  }
  const steps = (file.steps ?? []).length
  if (pieces.length * steps > MAX_ENTRIES) {
    const message = `${pieces.length} variables in ${steps} steps are too many: ${MAX_ENTRIES} are the limit. Put them into a file of the context.`
    report.problem(message, report.places.of(["env"]))
    return []
  }
  return pieces.map(({ text }) => ({ name: nameOf(text), text }))
}

/** The environment of a step: its own entries, then what it lacks of the inherited ones. */
export function stepEnvironment(own: string[] | undefined, path: Path, inherited: Inherited, report: Report): string[] {
  const entries = entriesOf(own, path, report)
  for (const { text, offset } of entries) {
    if (text.includes("=")) continue
    if (inherited.length === 0) report.warning(`${text} has no value here: write NAME=value.`, offset)
    else {
      report.problem(
        `failed to merge task and step environment variables: cannot parse step environment variable ${text} correctly: write NAME=value.`,
        offset,
      )
    }
  }
  const names = new Set(entries.map(({ text }) => nameOf(text)))
  const lacking = inherited.filter(({ name }) => !names.has(name))
  return [...entries.map(({ text }) => text), ...lacking.map(({ text }) => text)]
}

function entriesOf(list: string[] | undefined, path: Path, { places }: Report): Entry[] {
  return (list ?? []).map((text, index) => ({ text, offset: places.of([...path, index]) }))
}

function nameOf(entry: string): string {
  const equals = entry.indexOf("=")
  return equals < 0 ? entry : entry.slice(0, equals)
}
