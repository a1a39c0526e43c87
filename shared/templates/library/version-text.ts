import type { GoVersion } from "../values/go-value.ts"

/** A version as semver v1 writes it, with all three numbers. */
export function versionText({ major, minor, patch, prerelease, metadata }: GoVersion): string {
  const tail = `${prerelease === "" ? "" : `-${prerelease}`}${metadata === "" ? "" : `+${metadata}`}`
  return `${major}.${minor}.${patch}${tail}`
}
