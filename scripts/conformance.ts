// Holds Slipway against recorded cases of ACR's own code: `npm run -s conformance -- PATH… [--engine docker|podman]`.
import { execFile } from "node:child_process"
import { readdir, readFile, stat } from "node:fs/promises"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { isDeepStrictEqual, parseArgs, promisify } from "node:util"
import { z } from "zod"
import { builtinFunctions } from "../shared/templates/library/builtin-functions.ts"
import { sprigFunctions } from "../shared/templates/library/sprig-functions.ts"
import { CommandCase, runCommandCase } from "../test/conformance/run-command-case.ts"
import { ContextCase, runContextCase } from "../test/conformance/run-context-case.ts"
import { DockerfileCase, runDockerfileCase } from "../test/conformance/run-dockerfile-case.ts"
import { MiscFile, runMiscCases } from "../test/conformance/run-misc-case.ts"
import { runTaskCase, TaskCase } from "../test/conformance/run-task-case.ts"
import { runTemplateCase, TemplateCase, templateRules } from "../test/conformance/run-template-case.ts"
import { runWholeCase, type WholeWorld } from "../test/conformance/run-whole-case.ts"

type Verdict = { passed: boolean; rule?: string | undefined; detail: string }
/** One case of a file; `world` marks whole runs, for which there must be an engine. */
type Job = { file: string; id: string } & (
  | { needsWorld: false; run(): Verdict | Promise<Verdict> }
  | { needsWorld: true; run(world: WholeWorld): Promise<Verdict> }
)
type Engine = "docker" | "podman"
export type WithWorld = <T>(engine: Engine | undefined, use: (world: WholeWorld) => Promise<T>) => Promise<T>

const USAGE = "usage: npm run -s conformance -- PATH… [--engine docker|podman]"
const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..")

/**
 * Runs every case below the paths and says what failed, what passed under a rule of ours, and as the last line
 * `N passed, N failed`. The exit code is 0 when nothing failed and something passed. `withWorld` makes an engine and a
 * registry, once, when there are whole runs.
 */
export async function conformance(args: string[], say: (line: string) => void, withWorld: WithWorld): Promise<number> {
  const counts = { passed: 0, failed: 0 }
  const tell = ({ file, id }: { file: string; id: string }, { passed, rule, detail }: Verdict) => {
    counts[passed ? "passed" : "failed"]++
    if (!passed) say(`failed ${file} ${id}: ${short(detail)}`)
    else if (rule !== undefined) say(`rule ${rule}: ${file} ${id}`)
  }
  const given = readArguments(args)
  if (given === undefined) say(USAGE)
  const jobs = (await Promise.all((given?.paths ?? []).map((one) => jobsOf(one)))).flat()
  for (const job of jobs) if (!job.needsWorld) tell(job, await verdictOf(() => job.run()))

  const left = jobs.filter((job) => job.needsWorld)
  const runWhole = async (world: WholeWorld) => {
    for (let job = left.shift(); job !== undefined; job = left.shift()) {
      const { run } = job
      tell(job, await verdictOf(() => run(world)))
    }
  }
  if (left.length > 0) {
    const lost = await verdictOf(() => withWorld(given?.engine, runWhole).then(() => ({ passed: true, detail: "" })))
    for (const job of left) tell(job, { passed: false, detail: lost.detail || "was not run" })
    if (left.length === 0 && !lost.passed) say(`the engine's world did not end well: ${lost.detail}`)
  }
  say(`${counts.passed} passed, ${counts.failed} failed`)
  return counts.failed === 0 && counts.passed > 0 ? 0 : 1
}

function readArguments(args: string[]): { paths: string[]; engine: Engine | undefined } | undefined {
  try {
    const { values, positionals } = parseArgs({ args, options: { engine: { type: "string" } }, allowPositionals: true })
    const engine = z.enum(["docker", "podman"]).optional().parse(values.engine)
    return positionals.length === 0 ? undefined : { paths: positionals, engine }
  } catch {
    return undefined
  }
}

async function verdictOf(run: () => Verdict | Promise<Verdict>): Promise<Verdict> {
  try {
    return await run()
  } catch (error) {
    return { passed: false, detail: error instanceof Error ? error.message : String(error) }
  }
}

/** What a path holds: a whole run's folder, a folder of such folders and files, or a file of cases. */
async function jobsOf(file: string): Promise<Job[]> {
  try {
    if (!(await stat(file)).isDirectory()) return await jobsOfFile(file)
    const entries = await readdir(file, { withFileTypes: true })
    if (entries.some(({ name }) => name === "case.json")) return [wholeJob(file)]
    const names = entries.flatMap((entry) => (entry.isDirectory() || entry.name.endsWith(".json") ? [entry.name] : []))
    if (names.length === 0) return [failure(file, "-", "holds no cases")]
    return (await Promise.all(names.toSorted().map((name) => jobsOf(path.join(file, name))))).flat()
  } catch (error) {
    return [failure(file, "-", `cannot be read: ${error instanceof Error ? error.message : error}`)]
  }
}

async function jobsOfFile(file: string): Promise<Job[]> {
  const data: unknown = JSON.parse(await readFile(file, "utf8"))
  const list = z.union([z.array(z.unknown()), z.object({ cases: z.array(z.unknown()) })]).safeParse(data)
  if (list.success)
    return (Array.isArray(list.data) ? list.data : list.data.cases).map((one, at) => jobOf(file, one, at))
  if (z.object({ args: z.array(z.string()), limit_s: z.number() }).safeParse(data).success)
    return [wholeJob(path.dirname(file))]
  return jobsOfMisc(file, data)
}

function wholeJob(folder: string): Job {
  const id = path.basename(path.resolve(folder))
  return { file: folder, id, needsWorld: true, run: (world) => runWholeCase(folder, world) }
}

function failure(file: string, id: string, detail: string): Job {
  return { file, id, needsWorld: false, run: () => ({ passed: false, detail }) }
}

function kindOf<T>(schema: z.ZodType<T>, idOf: (input: T) => string, run: (input: T) => Verdict | Promise<Verdict>) {
  return (value: unknown) => {
    const { data } = schema.safeParse(value)
    return data === undefined ? undefined : { id: idOf(data), run: () => run(data) }
  }
}

/** The kinds of cases, told apart by what they hold. */
const kinds = [
  kindOf(DockerfileCase, ({ id }) => id, runDockerfileCase),
  kindOf(TaskCase, ({ id }) => id, runTaskCase),
  kindOf(TemplateCase, ({ id }) => id, compareTemplate),
  kindOf(CommandCase, ({ id }) => id, runCommandCase),
  kindOf(
    ContextCase,
    ({ id }) => id,
    (input) => {
      const { actual, expected, rule } = runContextCase(input)
      return { ...compared(actual, expected), rule }
    },
  ),
  kindOf(
    z.object({ Name: z.string(), Sig: z.string() }),
    ({ Name }) => Name,
    ({ Name, Sig }) => compared(Object.hasOwn(sprigFunctions, Name) && sprigFunctions[Name]?.signature, Sig),
  ),
]

function jobOf(file: string, value: unknown, at: number): Job {
  for (const kind of kinds) {
    const found = kind(value)
    if (found !== undefined) return { file, needsWorld: false, ...found }
  }
  const { data } = z.object({ id: z.string() }).safeParse(value)
  return failure(file, data?.id ?? `#${at}`, "is no case of a known kind")
}

async function compareTemplate(input: TemplateCase): Promise<Verdict> {
  const found = templateRules.flatMap(({ rule, expects }) => {
    const expected = expects(input)
    return expected === undefined ? [] : [{ rule, expected }]
  })[0]
  const expected = found?.expected ?? input.expect
  const actual = await runTemplateCase(input)
  if (expected.error === undefined || actual.error === undefined)
    return { ...compared(actual, expected), rule: found?.rule }
  const [ours, theirs] = [actual.error, expected.error]
  const passed = theirs instanceof RegExp ? theirs.test(ours) : withoutPlace(ours) === withoutPlace(theirs)
  return { passed, rule: found?.rule, detail: `${ours}, and not ${theirs}` }
}

/** Go's message without the names of file and template and the line: our problems have those themselves. */
function withoutPlace(message: string): string {
  return message.replace(/ t\. Err: template: t:\d+(?::\d+: executing "t" at)?:?/, "")
}

/** Any part of misc.json, and the lists of names of functions that stand there too. */
function jobsOfMisc(file: string, data: unknown): Job[] {
  const names = z.array(z.string()).optional()
  const Lists = z.object({ sprig_functions: names, go_template_builtins: names })
  const parts = Object.keys(data !== null && typeof data === "object" ? data : {})
  const known = parts.filter((part) => part in MiscFile.shape || part in Lists.shape)
  if (known.length === 0) return [failure(file, "-", "is of no known format")]
  const none = Object.fromEntries(Object.keys(MiscFile.shape).map((part) => [part, part === ALIASES ? {} : []]))
  const misc = MiscFile.and(Lists).safeParse({ ...none, ...Object(data) })
  if (!misc.success) return [failure(file, "-", z.prettifyError(misc.error).replaceAll(/\n\s*/g, " "))]
  const cases = runMiscCases(misc.data).filter(({ id }) => id !== ALIASES || known.includes(ALIASES))
  const isBuiltin = (name: string) =>
    Object.hasOwn(builtinFunctions, name) || /^(?:break|continue|slice \(.*\))$/.test(name)
  const listed = [
    ...(misc.data.sprig_functions ?? []).map((name) => ({ name, passed: Object.hasOwn(sprigFunctions, name) })),
    ...(misc.data.go_template_builtins ?? []).map((name) => ({ name, passed: isBuiltin(name) })),
  ].map(({ name, passed }) => ({ id: `function ${name}`, passed, detail: "there is no such function" }))
  return [...cases, ...listed].map(({ id, ...verdict }) => ({ file, id, needsWorld: false, run: () => verdict }))
}

const ALIASES = "builtin_aliases_linux"

function compared(actual: unknown, expected: unknown): Verdict {
  return { passed: isDeepStrictEqual(actual, expected), detail: JSON.stringify({ actual, expected }) }
}

/** One line: of two outcomes only what differs, of anything else its first line. */
function short(detail: string): string {
  let text = detail.split("\n", 1)[0] ?? ""
  try {
    const Outcomes = z.object({ actual: z.unknown(), expected: z.unknown() })
    text = differences(Outcomes.parse(JSON.parse(detail))).join("; ")
  } catch {
    // It is no pair of outcomes: the text itself says what is wrong.
  }
  return text.length > 600 ? `${text.slice(0, 600)}…` : text
}

function differences({ actual, expected }: { actual?: unknown; expected?: unknown }, at = ""): string[] {
  if (isDeepStrictEqual(actual, expected)) return []
  const Parts = z.record(z.string(), z.unknown())
  const [ours, theirs] = [Parts.safeParse(actual).data, Parts.safeParse(expected).data]
  if (ours === undefined || theirs === undefined)
    return [`${at}${at && " is "}${JSON.stringify(actual)} and not ${JSON.stringify(expected)}`]
  const names = new Set([...Object.keys(ours), ...Object.keys(theirs)])
  return [...names].flatMap((name) =>
    differences({ actual: ours[name], expected: theirs[name] }, at === "" ? name : `${at}.${name}`),
  )
}

/** The machine's own engine, or the stack's, with what the stack needs made ready as `npm test` does. */
async function withEngine<T>(engine: Engine | undefined, use: (world: WholeWorld) => Promise<T>): Promise<T> {
  const run = promisify(execFile)
  for (const script of [
    ["set-up.mjs", "--for", "test"],
    ["build.mjs", "--if-stale"],
  ])
    await run(process.execPath, [path.join(root, "scripts", script[0] ?? ""), ...script.slice(1)], { cwd: root })
  const { withWholeWorld } = await import("../test/e2e/setup/whole-world.ts")
  return withWholeWorld(engine, use)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  // npm runs scripts in the repository; paths are those of who typed them.
  process.chdir(process.env.INIT_CWD ?? ".")
  process.exitCode = await conformance(process.argv.slice(2), console.log, withEngine)
}
