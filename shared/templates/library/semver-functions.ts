import { FunctionMistake } from "../template-mistake.ts"
import { define, type FunctionTable } from "./define-function.ts"
import { parseVersion } from "./parse-version.ts"
import { readConstraints, satisfies } from "./version-constraint.ts"

/** sprig 2.22's functions on versions: Masterminds/semver v1, which wants commas between constraints. */
export const semverFunctions: FunctionTable = {
  semver: define("func(string) (*semver.Version, error)", (text) => versionOrFail(text)),
  semverCompare: define("func(string, string) (bool, error)", (constraint, text) => {
    const alternatives = readConstraints(constraint)
    if ("problem" in alternatives) throw new FunctionMistake(alternatives.problem)
    return satisfies(versionOrFail(text), alternatives.constraints)
  }),
}

function versionOrFail(text: string) {
  const version = parseVersion(text)
  if (version === undefined) throw new FunctionMistake("Invalid Semantic Version")
  if ("problem" in version) throw new FunctionMistake(version.problem)
  return version
}
