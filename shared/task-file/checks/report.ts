import type { OffsetProblem } from "../yaml/parse-yaml.ts"
import type { Places } from "../yaml/places.ts"

/** Where checks put what they find. Offsets count in the rendered text. */
export type Report = {
  places: Places
  problem(message: string, offset: number): void
  warning(message: string, offset: number): void
}

export type Findings = { problems: OffsetProblem[]; warnings: OffsetProblem[] }

/** A report over what reading has found already. */
export function createReport(places: Places, findings: Findings): Report {
  return {
    places,
    problem: (message, offset) => void findings.problems.push({ message, offset }),
    warning: (message, offset) => void findings.warnings.push({ message, offset }),
  }
}
