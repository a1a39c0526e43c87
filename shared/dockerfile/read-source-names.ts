import type { Instruction, Problem } from "./read-instructions.ts"
import { splitWords } from "./split-words.ts"

/**
 * What one instruction reads files from besides the context and its own stage: `COPY --from=x`, `RUN --mount=…,from=x`.
 * Engines expand no variables there. `ONBUILD` acts in later builds only and counts for nothing here.
 */
export function readSourceNames(
  { keyword, rest, line }: Instruction,
  escapeCharacter: string,
  problems: Problem[],
): string[] {
  if (keyword !== "COPY" && keyword !== "RUN") return []
  const words = splitWords(rest, escapeCharacter)
  const end = words.findIndex((word) => !word.startsWith("--") || word === "--")
  const flags = words.slice(0, end < 0 ? words.length : end).map((word) => word.replace(/["']/g, ""))
  const names = keyword === "COPY" ? flags.flatMap(fromFlag) : flags.flatMap(mountFlag)
  const variable = names.find((name) => name.includes("$"))
  if (variable === undefined) return names
  const message = `'from' doesn't support variable expansion (${variable}), define a stage with FROM instead`
  problems.push({ line, message })
  return []
}

function fromFlag(flag: string): string[] {
  const name = /^--from=(.+)$/.exec(flag)?.[1]
  return name === undefined ? [] : [name]
}

function mountFlag(flag: string): string[] {
  const fields = /^--mount=(.*)$/.exec(flag)?.[1]?.split(",") ?? []
  return fields.flatMap((field) => {
    const match = /^\s*from=(.+)$/i.exec(field)
    return match?.[1] === undefined ? [] : [match[1]]
  })
}
