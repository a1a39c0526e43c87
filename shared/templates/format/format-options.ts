import type { Budget } from "../budget.ts"

/** Flags, width and precision of one `%` directive (package fmt). */
export type FormatOptions = {
  budget: Budget
  isSharp: boolean
  isZero: boolean
  isPlus: boolean
  isMinus: boolean
  isSpace: boolean
  /** `%#v`: as Go source. */
  isSource: boolean
  /** `%+v`: with field names. */
  hasNames: boolean
  width: number | undefined
  precision: number | undefined
}

/** Options of a bare `%v`. */
export function plainOptions(budget: Budget): FormatOptions {
  return {
    budget,
    isSharp: false,
    isZero: false,
    isPlus: false,
    isMinus: false,
    isSpace: false,
    isSource: false,
    hasNames: false,
    width: undefined,
    precision: undefined,
  }
}

/** Fills up to the width, in characters: on the right with `-`, else on the left, with zeros if asked for. */
export function pad(options: FormatOptions, text: string): string {
  if (options.width === undefined) return text
  const missing = options.width - [...text].length
  if (missing <= 0) return text
  options.budget.reserve(missing)
  if (options.isMinus) return text + " ".repeat(missing)
  return (options.isZero ? "0" : " ").repeat(missing) + text
}
