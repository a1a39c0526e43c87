import { FunctionMistake } from "../template-mistake.ts"
import { durationText } from "../time/duration.ts"
import { formatGoTime, monthName, wallOf, weekdayName } from "../time/format-time.ts"
import { zeroTime } from "../time/parse-time.ts"
import { GoTime, GoVersion, type Operand } from "../values/go-value.ts"
import { define, type TemplateFunction } from "./define-function.ts"
import { compareVersions } from "./parse-version.ts"
import { floorSeconds } from "./time-functions.ts"
import { versionText } from "./version-text.ts"

/** The Go method of a value that a template can call with dots: of times and versions. */
export function methodOf(receiver: Operand, name: string): TemplateFunction | undefined {
  if (receiver instanceof GoTime) return timeMethod(receiver, name)
  return receiver instanceof GoVersion ? versionMethod(receiver, name) : undefined
}

function timeMethod(time: GoTime, name: string): TemplateFunction | undefined {
  const number = (value: number | bigint) => define("func() int", () => BigInt(value))
  switch (name) {
    case "Year":
      return number(wallOf(time).year)
    case "Month":
      return define("func() time.Month", () => monthName(wallOf(time).month))
    case "Day":
      return number(wallOf(time).day)
    case "Hour":
      return number(wallOf(time).hour)
    case "Minute":
      return number(wallOf(time).minute)
    case "Second":
      return number(wallOf(time).second)
    case "Nanosecond":
      return number(wallOf(time).nanosecond)
    case "YearDay":
      return number(wallOf(time).yearDay)
    case "Weekday":
      return define("func() time.Weekday", () => weekdayName(wallOf(time).weekday))
    case "Unix":
      return define("func() int64", () => floorSeconds(time.nanoseconds))
    case "UnixMilli":
      return define("func() int64", () => time.nanoseconds / 1_000_000n)
    case "UnixMicro":
      return define("func() int64", () => time.nanoseconds / 1_000n)
    case "UnixNano":
      return define("func() int64", () => time.nanoseconds)
    case "UTC":
      return define("func() time.Time", () => new GoTime(time.nanoseconds, "UTC"))
    case "Local":
      return define("func() time.Time", () => new GoTime(time.nanoseconds, "Local"))
    case "IsZero":
      return define("func() bool", () => time.nanoseconds === zeroTime.nanoseconds)
    case "Format":
      return define("func(string) string", (layout) => formatGoTime(time, layout))
    case "String":
      return define("func() string", () => formatGoTime(time, "2006-01-02 15:04:05.999999999 -0700 MST"))
    case "After":
      return define("func(time.Time) bool", (other) => time.nanoseconds > other.nanoseconds)
    case "Before":
      return define("func(time.Time) bool", (other) => time.nanoseconds < other.nanoseconds)
    case "Equal":
      return define("func(time.Time) bool", (other) => time.nanoseconds === other.nanoseconds)
    case "Compare":
      return define("func(time.Time) int", (other) =>
        time.nanoseconds === other.nanoseconds ? 0n : time.nanoseconds < other.nanoseconds ? -1n : 1n,
      )
    case "AddDate":
      return define("func(int, int, int) time.Time", (years, months, days) => addDate(time, years, months, days))
    case "Sub":
      return define("func(time.Time) string", (other) => durationText(time.nanoseconds - other.nanoseconds))
    default:
      return undefined
  }
}

function addDate(time: GoTime, years: bigint, months: bigint, days: bigint): GoTime {
  const wall = wallOf(time)
  const date = new Date(0)
  date.setUTCFullYear(wall.year + Number(years), wall.month - 1 + Number(months), wall.day + Number(days))
  if (Number.isNaN(date.getTime())) throw new FunctionMistake("the date is out of range")
  const old = new Date(0)
  old.setUTCFullYear(wall.year, wall.month - 1, wall.day)
  return new GoTime(time.nanoseconds + BigInt(date.getTime() - old.getTime()) * 1_000_000n, time.zone)
}

function versionMethod(version: GoVersion, name: string): TemplateFunction | undefined {
  const isPointer = version.type === "*semver.Version"
  const changed = (parts: Partial<GoVersion>): GoVersion => {
    const next = { ...version, metadata: "", prerelease: "", ...parts }
    const prefix = version.original.startsWith("v") ? "v" : ""
    return new GoVersion({ ...next, original: prefix + versionText(new GoVersion(next)) }, "semver.Version")
  }
  const compare = (other: GoVersion) => compareVersions(version, other)
  const isIdentifier = (text: string) => text === "" || /^[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*$/.test(text)
  switch (name) {
    case "IncPatch":
      return define("func() semver.Version", () =>
        changed({ patch: version.prerelease === "" ? version.patch + 1n : version.patch }),
      )
    case "IncMinor":
      return define("func() semver.Version", () => changed({ minor: version.minor + 1n, patch: 0n }))
    case "IncMajor":
      return define("func() semver.Version", () => changed({ major: version.major + 1n, minor: 0n, patch: 0n }))
    case "SetPrerelease":
      return define("func(string) (semver.Version, error)", (prerelease) => {
        if (!isIdentifier(prerelease)) throw new FunctionMistake("Invalid Prerelease string")
        return changed({ prerelease, metadata: version.metadata })
      })
    case "SetMetadata":
      return define("func(string) (semver.Version, error)", (metadata) => {
        if (!isIdentifier(metadata)) throw new FunctionMistake("Invalid Metadata string")
        return changed({ metadata, prerelease: version.prerelease })
      })
  }
  // The others have pointer receivers, which what the setters return has not.
  if (!isPointer) return undefined
  switch (name) {
    case "Major":
      return define("func() int64", () => version.major)
    case "Minor":
      return define("func() int64", () => version.minor)
    case "Patch":
      return define("func() int64", () => version.patch)
    case "Prerelease":
      return define("func() string", () => version.prerelease)
    case "Metadata":
      return define("func() string", () => version.metadata)
    case "Original":
      return define("func() string", () => version.original)
    case "String":
      return define("func() string", () => versionText(version))
    case "Compare":
      return define("func(*semver.Version) int", (other) => BigInt(compare(other)))
    case "LessThan":
      return define("func(*semver.Version) bool", (other) => compare(other) < 0)
    case "GreaterThan":
      return define("func(*semver.Version) bool", (other) => compare(other) > 0)
    case "Equal":
      return define("func(*semver.Version) bool", (other) => compare(other) === 0)
    default:
      return undefined
  }
}
