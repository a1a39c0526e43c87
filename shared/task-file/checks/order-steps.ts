import type { StepEntry } from "../task-file-schema.ts"
import { didYouMean } from "../text/nearest-name.ts"
import type { Report } from "./report.ts"

const IMMEDIATELY = "-"
const ROOT = "acb_root"
/** A hint looks at all ids, so that many would take long; the first ones show what is wrong. */
const MAX_HINTS = 20
const WHITE_SPACE = /\p{White_Space}/u

/** Id of a step: its own, else by its place among all steps, from 0 (task-file 3). */
export function stepId({ id = "" }: StepEntry, index: number): string {
  return id === "" ? `acb_step_${index}` : id
}

/**
 * For each step the ids that it waits for (task-file 6), none twice: those of `when`, all of them above; without `when` the previous
 * step of the file, whatever that one waits for; none with `-`.
 */
export function orderSteps(steps: readonly StepEntry[], report: Report): string[][] {
  const known = new Set<string>()
  const lastPlace = new Map(steps.map((step, index) => [stepId(step, index), index]))
  let hintsLeft = MAX_HINTS
  let previous: string | undefined
  return steps.map((step, index) => {
    const id = stepId(step, index)
    const at = ["steps", index]
    const problem = (message: string, ...key: (string | number)[]) =>
      report.problem(message, report.places.of([...at, ...key]))

    if (id === ROOT) problem(`${ROOT} is a reserved ID, it can't be used: choose another one.`, "id")
    else if (known.has(id)) problem(`${id} already exists as a vertex: ids are unique, rename one of the steps.`, "id")
    if (WHITE_SPACE.test(id)) problem("step ID cannot contain spaces: use letters, digits, - and _.", "id")

    const when = step.when ?? []
    const isMixed = when.includes(IMMEDIATELY) && when.length > 1
    if (isMixed) {
      problem(
        "step cannot contain other IDs in when if the immediate execution token is specified: remove - or the others.",
        "when",
      )
    }
    const after = new Set<string>()
    when.forEach((from, place) => {
      if (isMixed || from === ROOT || (from === IMMEDIATELY && id !== IMMEDIATELY)) return
      if (from === "") problem("from cannot be empty: name a step.", "when", place)
      else if (from === id) problem(`Step ID: ${id} is self-referenced: a step cannot wait for itself.`, "when", place)
      else if (!known.has(from)) {
        const fix =
          (lastPlace.get(from) ?? -1) > index
            ? "put that step above this one."
            : `name a step above.${hintsLeft-- > 0 ? didYouMean(from, known) : ""}`
        problem(`${from} does not exist as a vertex [from: ${from}, to: ${id}]: ${fix}`, "when", place)
      } else after.add(from)
    })
    if (when.length === 0 && previous !== undefined) after.add(previous)

    previous = id
    known.add(id)
    return [...after]
  })
}
