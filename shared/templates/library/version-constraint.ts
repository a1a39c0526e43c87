import type { GoVersion } from "../values/go-value.ts"
import { compareVersions, parseVersion } from "./parse-version.ts"

/** One comparison. What its version leaves open (`1.x`, `1`) is dirty. */
export type Constraint = {
  operator: string
  version: GoVersion
  isDirty: boolean
  isMinorDirty: boolean
  isPatchDirty: boolean
}

const maxLength = 1_000
const identifiers = "[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*"
const loose = `v?([0-9|xX*]+)(\\.[0-9|xX*]+)?(\\.[0-9|xX*]+)?(-${identifiers})?(?:\\+${identifiers})?`
const constraintPattern = new RegExp(`^\\s*(!=|>=|=>|<=|=<|~>|=|>|<|~|\\^|)\\s*(${loose})\\s*$`)
const rangePattern = new RegExp(`\\s*(${loose})\\s+-\\s+(${loose})\\s*`, "g")

/** Reads `^1.2, <2 || 3.x`: alternatives of comparisons that must all hold. `1.2 - 1.4` is a range. */
export function readConstraints(text: string): { constraints: Constraint[][] } | { problem: string } {
  if (text.length > maxLength) return { problem: `improper constraint: ${text.slice(0, 20)}...` }
  const constraints: Constraint[][] = []
  const spelled = text.replace(rangePattern, (...found) => `>= ${found[1]}, <= ${found[6]}`)
  for (const alternative of spelled.split("||")) {
    const all: Constraint[] = []
    for (const part of alternative.split(",")) {
      const constraint = readConstraint(part)
      if ("problem" in constraint) return constraint
      all.push(constraint)
    }
    constraints.push(all)
  }
  return { constraints }
}

/** Whether a version meets all of one alternative. */
export function satisfies(version: GoVersion, constraints: readonly (readonly Constraint[])[]): boolean {
  return constraints.some((all) => all.every((constraint) => holds(version, constraint)))
}

function readConstraint(text: string): Constraint | { problem: string } {
  const match = constraintPattern.exec(text)
  if (match === null) return { problem: `improper constraint: ${text}` }
  const [, operator = "", whole = "", major = "", minor = "", patch = "", prerelease = ""] = match
  let spelled = whole
  let [isDirty, isMinorDirty, isPatchDirty] = [true, false, false]
  if (isOpen(major)) spelled = "0.0.0"
  else if (minor === "" || isOpen(minor.slice(1))) {
    isMinorDirty = true
    spelled = `${major}.0.0${prerelease}`
  } else if (isOpen(patch.slice(1))) {
    isPatchDirty = true
    spelled = `${major}${minor}.0${prerelease}`
  } else isDirty = false
  const version = parseVersion(spelled)
  if (version === undefined || "problem" in version) return { problem: "constraint Parser Error" }
  return { operator, version, isDirty, isMinorDirty, isPatchDirty }
}

function isOpen(part: string): boolean {
  return part === "x" || part === "X" || part === "*"
}

function holds(version: GoVersion, constraint: Constraint): boolean {
  const { operator, version: bound, isDirty, isMinorDirty } = constraint
  const order = compareVersions(version, bound)
  // A prerelease meets only what names one.
  const isHidden = version.prerelease !== "" && bound.prerelease === ""
  if (operator === "!=") {
    if (!isDirty) return order !== 0
    return !isHidden && (bound.major !== version.major || (bound.minor !== version.minor && !isMinorDirty))
  }
  if (isHidden) return false
  const isWithin = version.major <= bound.major && (version.minor <= bound.minor || isMinorDirty)
  switch (operator) {
    case ">":
      return order > 0
    case ">=":
    case "=>":
      return order >= 0
    case "<":
      return isDirty ? isWithin : order < 0
    case "<=":
    case "=<":
      return isDirty ? isWithin : order <= 0
    case "^":
      return order >= 0 && version.major === bound.major
    case "~":
    case "~>":
      return isNear(version, constraint, order)
    default:
      return isDirty ? isNear(version, constraint, order) : order === 0
  }
}

function isNear(version: GoVersion, constraint: Constraint, order: number): boolean {
  const { version: bound, isMinorDirty, isPatchDirty } = constraint
  if (order < 0) return false
  const isAnything = bound.major === 0n && bound.minor === 0n && bound.patch === 0n && !isMinorDirty && !isPatchDirty
  return isAnything || (version.major === bound.major && (version.minor === bound.minor || isMinorDirty))
}
