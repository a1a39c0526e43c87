import { readSourceLocation } from "../../contexts/read-source-location.ts"
import { secretTexts, takeSecrets } from "../../contexts/take-secrets.ts"
import { readBuildText } from "../commands/read-build-text.ts"
import { platformProblem } from "./platform-problem.ts"
import type { Report } from "./report.ts"

/** What BuildKit gives a build; `bridge` is its default. */
const NETWORKS = ["", "default", "bridge", "none", "host"]

/** Warns of what a build text holds that building will refuse; what a shell makes of one is known when it runs. */
export function warnOfBuildText(build: string, index: number, { places, warning }: Report): void {
  const read = readBuildText(build)
  if (read.kind === "shell") return
  const { result } = read
  for (const message of result.ok ? problemsOf(result.command) : result.problems) {
    warning(message, places.of(["steps", index, "build"]))
  }
}

function problemsOf({ context, platforms, network }: { context: string; platforms: string[]; network: string }) {
  const problems = [...contextProblems(context), ...platforms.flatMap((platform) => platformProblem(platform) ?? [])]
  if (!NETWORKS.includes(network)) {
    problems.push(`--network ${network} is not supported by BuildKit: write none, or leave it out.`)
  }
  return problems
}

/** Only the form of a location is looked at; no problem holds a secret. */
function contextProblems(context: string): string[] {
  const read = readSourceLocation(context, "build")
  if (!read.ok) return read.problems
  const { location } = read
  if (location.type === "none") return ["/dev/null is no context of a build: name a folder of the workspace or a URL."]
  const isPlain = (location.type === "archive" || location.type === "git") && location.url.startsWith("http://")
  if (!isPlain || secretTexts(takeSecrets(location).secrets).length === 0) return []
  return ["the context needs a secret, which plain http:// would show to everybody: use https://."]
}
