import { GoVersion } from "../values/go-value.ts"

const identifiers = "[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*"
const versionPattern = new RegExp(`^v?([0-9]+)(\\.[0-9]+)?(\\.[0-9]+)?(?:-(${identifiers}))?(?:\\+(${identifiers}))?$`)
// Longer ones are no versions; reading them would take more than linear time.
const maxLength = 1_000
const maxInt64 = 2n ** 63n - 1n

/** Reads a version as semver v1 does: minor and patch may be missing, `v` may stand before. `undefined`: no version. */
export function parseVersion(text: string): GoVersion | { problem: string } | undefined {
  const match = text.length > maxLength ? null : versionPattern.exec(text)
  if (match === null) return undefined
  const numbers = [match[1] ?? "0", (match[2] ?? ".0").slice(1), (match[3] ?? ".0").slice(1)]
  const tooLarge = numbers.find((number) => number.length > 19 && BigInt(number.slice(0, 1000)) > maxInt64)
  const large = tooLarge ?? numbers.find((number) => number.length <= 19 && BigInt(number) > maxInt64)
  if (large !== undefined) {
    return { problem: `Error parsing version segment: strconv.ParseInt: parsing "${large}": value out of range` }
  }
  const [major = 0n, minor = 0n, patch = 0n] = numbers.map((number) => BigInt(number))
  return new GoVersion({ major, minor, patch, prerelease: match[4] ?? "", metadata: match[5] ?? "", original: text })
}

/** -1, 0 or 1. Metadata does not count. */
export function compareVersions(left: GoVersion, right: GoVersion): number {
  const pairs = [
    [left.major, right.major],
    [left.minor, right.minor],
    [left.patch, right.patch],
  ] as const
  for (const [mine, other] of pairs) if (mine !== other) return mine < other ? -1 : 1
  if (left.prerelease === right.prerelease) return 0
  if (left.prerelease === "") return 1
  if (right.prerelease === "") return -1
  return comparePrereleases(left.prerelease.split("."), right.prerelease.split("."))
}

function comparePrereleases(left: string[], right: string[]): number {
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const mine = left[at] ?? ""
    const other = right[at] ?? ""
    if (mine === other) continue
    if (mine === "" || other === "") return mine === "" ? -1 : 1
    const isNumber = [mine, other].map((part) => /^[0-9]+$/.test(part) && BigInt(part) < 2n ** 64n)
    if (isNumber[0] && isNumber[1]) return BigInt(mine) > BigInt(other) ? 1 : -1
    // Numbers come before words.
    if (isNumber[0] !== isNumber[1]) return isNumber[0] ? -1 : 1
    return mine > other ? 1 : -1
  }
  return 0
}
