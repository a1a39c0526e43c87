import { imageReference } from "../registry/image-reference.ts"
import { expandWord, type Variables } from "./expand-word.ts"
import { readGlobalArguments } from "./read-global-arguments.ts"
import type { Instruction, Instructions, Problem } from "./read-instructions.ts"
import { readSourceNames } from "./read-source-names.ts"
import type { Source, Stage } from "./stage.ts"

const SCRATCH = "scratch"
const STAGE_NAME = /^[a-z][a-z0-9-_.]*$/

/**
 * Turns instructions into stages: what each stands on and what it copies from or mounts (BuildKit's `parseFrom` and
 * `toDispatchState`). Names of stages compare without case; a base is an earlier stage, else an image.
 */
export function readStages(
  { instructions, escapeCharacter }: Pick<Instructions, "instructions" | "escapeCharacter">,
  variables: { predefined: Variables; buildArguments: Variables },
): { stages: Stage[]; problems: Problem[] } {
  const problems: Problem[] = []
  const stages: Stage[] = []
  const firstFrom = instructions.findIndex(({ keyword }) => keyword === "FROM")
  const globals = readGlobalArguments(
    instructions.slice(0, Math.max(firstFrom, 0)),
    escapeCharacter,
    variables,
    problems,
  )
  const usesOf: { names: string[]; line: number }[][] = []
  for (const instruction of instructions.slice(Math.max(firstFrom, 0))) {
    if (instruction.keyword === "FROM") {
      stages.push(readFrom(instruction, stages, globals, escapeCharacter, problems))
      usesOf.push([])
    } else
      usesOf.at(-1)?.push({ names: readSourceNames(instruction, escapeCharacter, problems), line: instruction.line })
  }
  if (stages.length === 0) problems.push({ line: 1, message: "no FROM instruction: there is nothing to build" })
  stages.forEach((stage, index) => {
    for (const { names, line } of usesOf[index] ?? []) {
      for (const name of names) stage.uses.push(...sourceOf(name, stage, stages, line, problems))
    }
  })
  return { stages, problems }
}

function readFrom(
  { rest, line }: Instruction,
  earlier: Stage[],
  globals: Variables,
  escapeCharacter: string,
  problems: Problem[],
): Stage {
  const words = rest.split(/\s+/).filter((word) => word !== "")
  const flags = words.slice(
    0,
    Math.max(
      0,
      words.findIndex((word) => !word.startsWith("--")),
    ),
  )
  const [image = "", as, name, ...others] = words.slice(flags.length)
  const stage: Stage = { index: earlier.length, line, base: { type: "scratch" }, uses: [] }
  if (image === "" || (as !== undefined && (as.toLowerCase() !== "as" || name === undefined)) || others.length > 0) {
    problems.push({ line, message: "FROM requires either one or three arguments" })
    return stage
  }
  for (const flag of flags) {
    const platform = /^--platform=(.*)$/.exec(flag)?.[1]
    if (platform === undefined) problems.push({ line, message: `unknown flag: ${flag}` })
    else stage.platform = expanded(platform, globals, escapeCharacter, line, problems)
  }
  if (name !== undefined) {
    stage.name = name.toLowerCase()
    stage.spelling = name
    if (!STAGE_NAME.test(stage.name)) problems.push({ line, message: `invalid name for build stage: "${name}"` })
  }
  const base = expanded(image, globals, escapeCharacter, line, problems)
  stage.base = (base === undefined ? undefined : baseOf(base, earlier, line, problems)) ?? stage.base
  return stage
}

function expanded(word: string, globals: Variables, escapeCharacter: string, line: number, problems: Problem[]) {
  const result = expandWord(word, globals, escapeCharacter)
  if ("value" in result) return result.value
  problems.push({ line, message: result.problem })
  return undefined
}

function baseOf(base: string, earlier: Stage[], line: number, problems: Problem[]): Source | undefined {
  const stage = earlier.findLast((candidate) => candidate.name === base.toLowerCase())
  if (stage !== undefined) return { type: "stage", index: stage.index }
  return imageOf(base, line, problems)
}

/** `COPY --from=` and `RUN --mount=from=`: the number or the name of an earlier stage, else an image. */
function sourceOf(name: string, stage: Stage, stages: Stage[], line: number, problems: Problem[]): Source[] {
  const named = /^\d+$/.test(name)
    ? stages[Number(name)]
    : stages.findLast((candidate) => candidate.name === name.toLowerCase())
  if (named === undefined && /^\d+$/.test(name)) {
    problems.push({ line, message: `invalid stage index ${name}` })
    return []
  }
  if (named !== undefined && named.index >= stage.index) {
    problems.push({ line, message: `cannot copy from stage "${name}", it needs to be defined before current stage` })
    return []
  }
  const source = named === undefined ? imageOf(name, line, problems) : { type: "stage" as const, index: named.index }
  return source === undefined ? [] : [source]
}

function imageOf(name: string, line: number, problems: Problem[]): Source | undefined {
  if (name === SCRATCH) return { type: "scratch" }
  const reference = imageReference(name)
  if (reference !== undefined) return { type: "image", reference }
  const message = name === "" ? "base name should not be blank" : `invalid image name "${name}"`
  problems.push({ line, message })
  return undefined
}
