import { isDeepStrictEqual } from "node:util"
import { z } from "zod"
import { readBuildText } from "../../shared/task-file/commands/read-build-text.ts"
import { findVersion, hasAliases } from "../../shared/task-file/find-version.ts"
import { readTaskFile } from "../../shared/task-file/read-task-file.ts"
import type { Task, TaskStep } from "../../shared/task-file/task.ts"
import type { TaskFileInput, TaskTexts } from "../../shared/task-file/task-file-input.ts"
import { mergeValues } from "../../shared/templates/merge-values.ts"
import { readSetValues } from "../../shared/templates/read-set-values.ts"
import { readValues } from "../../shared/templates/read-values.ts"
import { renderTemplate } from "../../shared/templates/render-template.ts"
import { stripComments } from "../../shared/templates/strip-comments.ts"
import { templateRoots } from "../../shared/templates/template-roots.ts"
import { dockerBuildWords } from "./docker-build-words.ts"

const AcbStep = z.looseObject({ id: z.string(), build: z.string().optional(), cmd: z.string().optional() })
/** One case of tasks.json. */
export const TaskCase = z.object({
  id: z.string(),
  task: z.string(),
  run: z.record(z.string(), z.string()),
  files: z.record(z.string(), z.string()).optional(),
  values_yaml: z.string().optional(),
  set: z.array(z.string()).optional(),
  env: z.array(z.string()).optional(),
  task_name: z.string().optional(),
  working_directory: z.string().optional(),
  network: z.string().optional(),
  expect: z.object({
    found_version: z.string(),
    alias_enabled: z.boolean(),
    error: z.string().optional(),
    panic: z.string().optional(),
    after_alias: z.string().optional(),
    rendered: z.string().optional(),
    version: z.string().optional(),
    steps: z.array(AcbStep).nullish(),
    networks: z.unknown().optional(),
    volumes: z.unknown().optional(),
    children: z.record(z.string(), z.array(z.string())).optional(),
    in_degree: z.record(z.string(), z.number()).optional(),
    init_buildkit: z.boolean().optional(),
  }),
})
export type TaskCase = z.infer<typeof TaskCase>

type Made = {
  version: string
  steps: Record<string, unknown>[]
  networks: unknown
  volumes: unknown
  children: Record<string, string[]>
  inDegree: Record<string, number>
  hasCache: boolean
}
/** `problem` holds what acb says without its stages, `stage` where it stops; `made` is absent then. */
export type TaskOutcome = {
  stage: "aliases" | "templates" | "task" | undefined
  foundVersion: string
  hasAliases: boolean
  afterAlias: string | undefined
  rendered: string | undefined
  problem: string | undefined
  made: Made | undefined
}

type Rule = {
  rule: string
  reason: string
  /** True for every input that the rule speaks of, not only for those of the file. */
  applies(input: TaskCase): boolean
  expected(acr: TaskOutcome, input: TaskCase): TaskOutcome
}

const refused = (problem: string) => (acr: TaskOutcome) => ({
  ...acr,
  stage: "task" as const,
  problem,
  made: undefined,
})
const withSteps = (change: (step: Record<string, unknown>) => Record<string, unknown>) => (acr: TaskOutcome) =>
  acr.made === undefined ? acr : { ...acr, made: { ...acr.made, steps: acr.made.steps.map(change) } }
const NEEDS_SHELL = /[$`|&;<>()*?[]|\n./
const hasCommentInBlock = (text: string) => /^[ \t]*#/m.test(stripComments(text).text)
const withoutComments = (text: string) => text.replace(/^[ \t]*#.*\n?/gm, "")

/** Where we deliberately differ from ACR, by what the input looks like. Every other case must give what ACR gives. */
export const taskRules: Rule[] = [
  {
    rule: "a-step-of-nothing-is-a-problem",
    reason: "ACR ends with a panic where an item of steps is null",
    applies: ({ expect }) => expect.panic !== undefined,
    expected: refused("step is missing a cmd, build, or push property"),
  },
  {
    rule: "a-when-counts-once",
    reason: "ACR waits for ever for a step that names another one twice (task-file 6)",
    applies: ({ expect }) =>
      Object.values(inDegreeOf(expect.children ?? {})).join() !== Object.values(sorted(expect.in_degree ?? {})).join(),
    expected: (acr) =>
      acr.made === undefined ? acr : { ...acr, made: { ...acr.made, inDegree: inDegreeOf(acr.made.children) } },
  },
  {
    rule: "unknown-keys-stay-unknown",
    reason: "fields without a YAML name are no keys, though Go lets them be written in lower case (task-file 2)",
    applies: ({ task }) => /^\s*(?:- )?(?:tags|buildargs|usesbuildkit|registryname|taskname)\s*:/m.test(task),
    expected: withSteps((step) => ({ ...step, ...dockerTags(step.build) })),
  },
  {
    rule: "docker-reads-build-texts",
    reason: "options are read in all of docker's forms, quotes and `--x=v` included (task-file 3.2; acr#871)",
    applies: ({ expect }) =>
      (expect.steps ?? []).some(({ build = "" }) => /['"\\]|--(?:tag|build-arg)=|(?:^|\s)-t\S/.test(build)),
    expected: withSteps((step) => ({ ...step, ...dockerTags(step.build) })),
  },
  {
    rule: "a-shell-says-the-tags",
    reason: "what a shell has to evaluate has its words when it runs",
    applies: ({ expect }) => (expect.steps ?? []).some(({ build = "" }) => NEEDS_SHELL.test(build)),
    expected: withSteps(({ tags, buildArgs, ...step }) =>
      NEEDS_SHELL.test(String(step.build ?? "")) ? step : withoutEmpty({ ...step, tags, buildArgs }),
    ),
  },
  {
    rule: "comments-in-blocks-survive",
    reason: "a line of a block scalar that begins with # is part of a script (architecture, Deliberate differences)",
    applies: ({ task }) => hasCommentInBlock(task),
    expected: (acr) => acr,
  },
  {
    rule: "values-may-nest",
    reason: "values may be maps (architecture, Deliberate differences)",
    applies: ({ expect }) => /failed to serialize Values/.test(expect.error ?? ""),
    expected: (acr) => ({ ...acr, stage: undefined, problem: undefined }),
  },
  {
    rule: "secret-files-are-base64",
    reason: "what is no base64 is told before anything runs, not when the volume is made",
    applies: ({ expect }) =>
      /"secret":\{[^}]*":"(?!(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")/.test(
        JSON.stringify(expect.volumes ?? ""),
      ),
    expected: refused("is not base64"),
  },
  {
    rule: "the-workspace-is-not-left",
    reason: "a relative working directory stays below /workspace (task-file 3)",
    applies: ({ expect }) =>
      (expect.steps ?? []).some(({ workingDirectory }) =>
        /^(?!\/)(?:[^/]+\/)?(?:\.\.\/)*\.\.(?:\/|$)/.test(String(workingDirectory ?? "")),
      ),
    expected: refused("leaves /workspace"),
  },
  {
    rule: "networks-have-names",
    reason: "a network without a name, or with a name twice, fails when it is made",
    applies: ({ expect }) => {
      const names =
        z
          .array(z.object({ name: z.string() }))
          .safeParse(expect.networks)
          .data?.map(({ name }) => name) ?? []
      return names.includes("") || new Set(names).size < names.length
    },
    expected: refused("network"),
  },
]

/** How outcomes are read before comparing; applies to all cases. */
export const taskNameRules = {
  "one-spelling":
    "versions and cache values are compared in lower case: ACR reads them without case and keeps the spelling",
  "the-cache-is-the-builders":
    "ACR writes `cache_<task>_<step>` in front of the build text; we keep that a cache is asked for, and the builder names it by repository and platform",
  "unused-keys": "what ACR reads and never uses, or reads for another type of step, is not in our steps",
  "when-as-graph": "`when` is compared as the graph that it makes",
  "no-comment-lines": "lines that are comments are compared nowhere: ACR deletes them in block scalars too",
} as const

/** What our code says to one case, what is expected of it, and the rule when that is not what ACR says. */
export async function runTaskCase(input: TaskCase) {
  const acr = acrOutcome(input)
  const rules = taskRules.filter(({ applies }) => applies(input))
  const expected = rules.reduce((outcome, rule) => rule.expected(outcome, input), acr)
  const actual = await ourOutcome(input)
  const passed = isSame(actual, expected)
  const rule = rules.map((one) => one.rule).join(", ")
  const detail = passed ? "" : JSON.stringify({ actual, expected }, null, 1)
  return { passed, ...(rule !== "" && { rule }), detail, actual, expected, acr }
}

/** A problem is the same when both stop at the same stage; only what came before it is compared then. */
export function isSame(actual: TaskOutcome, expected: TaskOutcome): boolean {
  const early = (outcome: TaskOutcome) => [outcome.foundVersion, outcome.hasAliases]
  if (!isDeepStrictEqual(early(actual), early(expected))) return false
  if (actual.stage !== expected.stage) return false
  if (expected.stage !== undefined) return true
  if (expected.made === undefined) return actual.made !== undefined
  const late = ({ afterAlias, rendered, made, problem }: TaskOutcome) => ({ afterAlias, rendered, made, problem })
  return isDeepStrictEqual(late(actual), late(expected))
}

async function ourOutcome(input: TaskCase): Promise<TaskOutcome> {
  const result = await readTaskFile(input.task, inputOf(input))
  const foundVersion = findVersion(stripComments(input.task).text)
  const { aliased, rendered } = result.texts
  return {
    stage: result.ok ? undefined : stageOf(result.texts, foundVersion),
    foundVersion,
    hasAliases: hasAliases(foundVersion),
    afterAlias: aliased === undefined ? undefined : withoutComments(aliased),
    rendered: rendered === undefined ? undefined : withoutComments(rendered),
    problem: result.ok
      ? undefined
      : result.problems.map(({ line, column, message }) => `${line}:${column}: ${message}`).join("\n"),
    made: result.ok ? madeOf(result.task) : undefined,
  }
}

/** A case as the input of a reading: its run, its values, its files. Secrets do not resolve. */
export function inputOf({
  run,
  files = {},
  values_yaml = "",
  set = [],
  env,
  task_name,
  working_directory,
  network,
}: TaskCase): TaskFileInput {
  const base = readValues(values_yaml)
  const override = readSetValues(set)
  if (!base.ok || !override.ok) throw new Error("the values of the case do not read")
  const values = mergeValues(base.values, override.values)
  const variables = {
    OS: "linux",
    OSVersion: "",
    Architecture: "amd64",
    Date: "20100520-131422z",
    RegistryName: (run.Registry ?? "").replace(/\..*$/, ""),
    Repository: "",
    GitTag: "",
    TriggeredBy: "",
    TaskName: task_name ?? "",
    ...run,
  }
  return {
    render: (source, roots) =>
      renderTemplate(source, roots, { now: () => new Date("2010-05-20T13:14:22Z"), environment: {} }),
    roots: (secrets) => templateRoots({ run: variables, values, secrets }),
    loadAlias: async (source) => {
      const text = files[source]
      return text === undefined
        ? { ok: false, problem: `open ${source}: no such file or directory` }
        : { ok: true, text }
    },
    resolveSecrets: async () => ({ ok: false, problems: [] }),
    platform: "linux",
    ...(env !== undefined && { environment: env }),
    ...(working_directory !== undefined && { workingDirectory: working_directory }),
    ...(network !== undefined && { network }),
  }
}

function madeOf(task: Task): Made {
  const children: Record<string, string[]> = { "-": [] }
  for (const { id } of task.steps) children[id] = []
  for (const { id, after } of task.steps)
    for (const parent of after.length === 0 ? ["-"] : after) children[parent]?.push(id)
  return {
    version: task.version,
    steps: task.steps.map(acbStepOf),
    networks: task.networks.map(({ name, driver, isIpv6, isExternal, isDefault }) => ({
      driver,
      ipv6: isIpv6,
      isDefault,
      name,
      skipCreation: isExternal,
    })),
    volumes: task.volumes.map(({ name, files }) => ({
      name,
      secret: Object.fromEntries(files.map((file) => [file.name, Buffer.from(file.content).toString("base64")])),
    })),
    children: sortedLists(children),
    inDegree: inDegreeOf(children),
    hasCache: task.steps.some((step) => step.type === "build" && step.cache === "enabled"),
  }
}

/** Our step in acb's words, only what is not empty. */
function acbStepOf(step: TaskStep): Record<string, unknown> {
  const words = {
    id: step.id,
    env: step.env,
    timeout: step.timeoutSeconds,
    startDelay: step.startDelaySeconds,
    retries: step.retries,
    retryDelay: step.retryDelaySeconds,
    retryOnErrors: step.retryOnErrors,
    repeat: step.repeat,
    ignoreErrors: step.isErrorIgnored,
    workingDirectory: step.workingDirectory,
    disableWorkingDirectoryOverride: step.isWorkingDirectoryOverrideDisabled,
    network: step.network,
    volumeMounts: step.volumeMounts,
    privileged: step.isPrivileged,
    user: step.user,
    isolation: step.isolation,
    cpus: step.cpus,
    ports: step.ports,
    expose: step.expose,
    ...(step.type === "cmd" && {
      cmd: withoutComments(step.cmd),
      entryPoint: step.entryPoint,
      detach: step.isDetached,
      keep: step.isKept,
      pull: step.isPulled,
    }),
    ...(step.type === "build" && {
      build: withoutComments(step.build),
      cache: step.cache,
      ...ourTags(step.build),
    }),
    ...(step.type === "push" && { push: step.images }),
  }
  return withoutEmpty(words)
}

function ourTags(build: string) {
  const read = readBuildText(build)
  if (read.kind === "shell" || !read.result.ok) return { tags: [], buildArgs: [] }
  const { tags, buildArguments } = read.result.command
  return { tags, buildArgs: buildArguments.map(({ name, value }) => (value === undefined ? name : `${name}=${value}`)) }
}

/** What docker would take for tags and build arguments, by a reading of its own. */
function dockerTags(build: unknown) {
  if (typeof build !== "string") return {}
  const { tags, buildArguments } = dockerBuildWords(build)
  return withoutEmpty({ tags, buildArgs: buildArguments })
}

function acrOutcome({ expect }: TaskCase): TaskOutcome {
  const problem = expect.error === undefined ? undefined : coreOf(expect.error)
  const children = expect.children ?? {}
  return {
    stage: expect.error === undefined ? undefined : acbStageOf(expect.error),
    foundVersion: expect.found_version,
    hasAliases: expect.alias_enabled,
    afterAlias: expect.after_alias,
    rendered: expect.rendered,
    problem,
    made:
      problem !== undefined || expect.panic !== undefined
        ? undefined
        : {
            version: (expect.version ?? "").toLowerCase(),
            steps: (expect.steps ?? []).map(fromAcb),
            networks: expect.networks ?? [],
            volumes: expect.volumes ?? [],
            children: sortedLists(children),
            inDegree: sorted(expect.in_degree ?? {}),
            hasCache: expect.init_buildkit ?? false,
          },
  }
}

function stageOf({ aliased, rendered }: TaskTexts, version: string): TaskOutcome["stage"] {
  if (hasAliases(version) && aliased === undefined) return "aliases"
  return rendered === undefined ? "templates" : "task"
}

function acbStageOf(error: string): TaskOutcome["stage"] {
  if (/^unable to search\/replace aliases/.test(error)) return "aliases"
  return /error while rendering templates|rendered template was empty/.test(error) ? "templates" : "task"
}

/** What acb says, without its stages, its line (in the rendered text) and its place in the template. */
function coreOf(error: string): string {
  return error
    .replace(/^(?:unable|failed) [^:]*: /, "")
    .replace(/^failed to (?:deserialize task and validate|parse template to create task): /, "")
    .replace(/yaml: unmarshal errors:\s*line \d+: /, "")
    .replace(/yaml: line \d+: /, "yaml: ")
    .replace(/^error while rendering templates: .*: (?=[^:]*$)/, "")
    .replace(/^.*failed to parse template to create task: /, "")
    .replace(/^error during alias unmarshaling: /, "")
}

const UNUSED = [
  "when",
  "exitedWith",
  "exitedWithout",
  "cmdDownloadRetries",
  "cmdDownloadRetryDelay",
  "defaultBuildCacheTag",
]
const OF_CMD = ["entryPoint", "detach", "keep", "pull"]
const CACHE = /^--load --cache-to=type=registry,ref=\S+,mode=max --cache-from=type=registry,ref=\S+ /

function fromAcb(step: z.infer<typeof AcbStep>): Record<string, unknown> {
  const dropped = [...UNUSED, ...(step.cmd === undefined ? OF_CMD : []), ...(step.build === undefined ? ["cache"] : [])]
  const kept = Object.fromEntries(Object.entries(step).filter(([key]) => !dropped.includes(key)))
  return withoutEmpty({
    ...kept,
    ...(step.build !== undefined && { build: step.build.replace(CACHE, "") }),
    ...(typeof kept.cache === "string" && { cache: kept.cache.toLowerCase() }),
  })
}

function withoutEmpty(words: Record<string, unknown>): Record<string, unknown> {
  const isEmpty = (value: unknown) => !value || (Array.isArray(value) && value.length === 0)
  return Object.fromEntries(Object.entries(words).filter(([, value]) => !isEmpty(value)))
}

function inDegreeOf(children: Record<string, string[]>): Record<string, number> {
  const degrees: Record<string, number> = {}
  for (const id of Object.keys(children)) if (id !== "-") degrees[id] = 0
  for (const ids of Object.values(children)) for (const id of ids) degrees[id] = (degrees[id] ?? 0) + 1
  return sorted(degrees)
}

function sorted<T>(record: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

function sortedLists(children: Record<string, string[]>): Record<string, string[]> {
  return sorted(Object.fromEntries(Object.entries(children).map(([id, ids]) => [id, ids.toSorted()])))
}
