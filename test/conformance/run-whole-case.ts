import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { z } from "zod"
import type { EngineChoice } from "../../builder/engine/engine.ts"
import { type ExecResult, execTask } from "../../cli/exec-task.ts"
import { noSecretSource } from "../../shared/secrets/no-secret-source.ts"

/** One folder of whole runs: `case.json` beside the workspace `ws`. */
export const WholeCase = z.object({
  name: z.string(),
  args: z.array(z.string()),
  limit_s: z.number(),
  quirk: z.unknown().optional(),
  expect: z.object({
    exit_code: z.union([z.number(), z.literal("timeout")]),
    stdout_lines: z.array(z.string()).default([]),
    stdout_absent: z.array(z.string()).default([]),
    log_regex: z.array(z.string()).default([]),
    log_absent_regex: z.array(z.string()).default([]),
    step_status: z.record(z.string(), z.string()).default({}),
    dependencies: z.array(z.unknown()).optional(),
    post: z.object({ no_container: z.string().optional() }).default({}),
  }),
})
export type WholeCase = z.infer<typeof WholeCase>
export type WholeWorld = {
  choice: EngineChoice
  /** Login server of a registry without TLS that holds `base/busybox:1`; it stands in for the one that the cases name. */
  registry: string
  insecureRegistries: string[]
}
export type WholeOutcome = { passed: boolean; rule?: string; detail: string }

type Rule = {
  rule: string
  reason: string
  applies(task: string, given: WholeCase): boolean
  expected(acb: WholeCase["expect"], task: string): WholeCase["expect"]
}

/** Registry in the recorded cases. */
const RECORDED = "127.0.0.1:5000"

/** Where a whole run deliberately ends otherwise than acb's, by what its task file looks like (docs/compatibility.md). */
export const wholeRules: Rule[] = [
  {
    rule: "duplicates-in-when-count-once",
    reason: "acb waits for ever",
    applies: (task) => /^\s*when:\s*\[\s*(\w+)\s*,\s*\1\s*\]/m.test(task),
    expected: (acb) => ({ ...acb, exit_code: 0, stdout_lines: [...acb.stdout_lines, "b"] }),
  },
  {
    rule: "dockerfiles-are-read-as-engines-read-them",
    reason: "acb's line scanner fails on FROM --platform",
    applies: (_task, { expect }) =>
      expect.log_regex.some((text) => text.includes("unable to understand line FROM --platform")),
    expected: (acb) => ({ ...acb, exit_code: 0, log_regex: [] }),
  },
  {
    rule: "secret-volumes-are-written-as-they-are",
    reason: "acb adds a line feed, expands them in a shell and leaves them in the workspace",
    applies: (task) => /^volumes:/m.test(task) && /\bsecret:/.test(task),
    expected: (acb, task) => {
      // What acb only fails at works here.
      if (acb.exit_code !== 0) return { ...acb, exit_code: 0, log_regex: [] }
      // A line that shows a secret is masked, and its bytes are one fewer than acb's.
      const secrets = [...task.matchAll(/\{\{\s*"([^"]*)"\s*\|\s*b64enc\s*\}\}/g)].map(([, secret = ""]) => secret)
      const isShown = (line: string) => /^\d+$/.test(line) || secrets.some((secret) => line.includes(secret))
      const hidden = secrets.filter((secret) => secret.length >= 8)
      return {
        ...acb,
        stdout_lines: acb.stdout_lines.filter((line) => !isShown(line)),
        stdout_absent: [...acb.stdout_absent, ...hidden],
      }
    },
  },
  {
    rule: "values-with-spaces-are-values",
    reason: "acb's shell takes the next word for the image",
    applies: (_task, { expect }) => expect.log_regex.some((text) => /exit status 125/.test(text)) && /env/.test(_task),
    expected: (acb) => ({ ...acb, log_regex: [] }),
  },
  {
    rule: "what-ended-is-told-when-the-run-fails",
    reason: "acb prints neither steps nor dependencies then",
    applies: (_task, { expect }) => expect.log_absent_regex.includes("marked as"),
    expected: (acb) => ({
      ...acb,
      log_absent_regex: [],
      log_regex: [...acb.log_regex, "Step ID: acb_step_0 marked as successful"],
    }),
  },
  {
    rule: "a-timed-out-step-says-timed-out-and-is-killed",
    reason: "acb says context deadline exceeded, and its container runs on",
    applies: (_task, { expect }) => expect.log_regex.some((text) => text.includes("context deadline exceeded")),
    expected: (acb) => ({
      ...acb,
      log_regex: acb.log_regex.map((text) => text.replace("context deadline exceeded", "timed out")),
      stdout_lines: acb.stdout_lines.filter((line) => line !== "slow"),
    }),
  },
  {
    rule: "attempts-have-names-of-their-own",
    reason: "a kept container is in the way of acb's next attempt",
    applies: (_task, { expect }) => expect.log_regex.some((text) => /container name .* is already in use/.test(text)),
    expected: (acb) => ({
      ...acb,
      log_regex: acb.log_regex.flatMap((text) =>
        /already in use/.test(text) ? [] : [text.replace("exit status 125", "exit status 1")],
      ),
    }),
  },
]

/** Runs the case in `folder` on an engine, with the code that builders run, and holds it against what acb did or the rule it falls under. */
export async function runWholeCase(folder: string, world: WholeWorld): Promise<WholeOutcome> {
  const given = WholeCase.parse(JSON.parse(await readFile(join(folder, "case.json"), "utf8")))
  const workspace = await mkdtemp(join(tmpdir(), "slipway-whole-"))
  try {
    await cp(join(folder, "ws"), workspace, { recursive: true })
    await replaceRegistry(workspace, world.registry)
    const task = await readFile(join(workspace, "acr-task.yaml"), "utf8")
    const rule = wholeRules.find(({ applies }) => applies(task, given))
    const expected = rule?.expected(given.expect, task) ?? given.expect
    const lines = { stdout: [] as string[], log: [] as string[] }
    const result = await execTask({
      ssh: { problem: "there is no SSH key" },
      secrets: noSecretSource,
      ...optionsOf(given, workspace, world, lines),
      choice: world.choice,
    })
    if (!result.isSuccess) lines.log.push(result.message ?? "")
    const differences = compare(expected, result, lines, world.registry)
    const detail =
      differences.length === 0 ? "" : `${differences.join("; ")}\n${[...lines.log, "--", ...lines.stdout].join("\n")}`
    return { passed: differences.length === 0, ...(rule === undefined ? {} : { rule: rule.rule }), detail }
  } finally {
    await rm(workspace, { recursive: true, force: true })
  }
}

function optionsOf(given: WholeCase, workspace: string, world: WholeWorld, lines: { stdout: string[]; log: string[] }) {
  const valuesOf = (name: string) => given.args.flatMap((arg, at) => (arg === name ? [given.args[at + 1] ?? ""] : []))
  const [valuesFile] = valuesOf("--values")
  const [runId = "ca1"] = valuesOf("--id")
  return {
    folder: workspace,
    file: { path: "acr-task.yaml" },
    ...(valuesFile === undefined ? {} : { valuesFile: { path: valuesFile } }),
    values: valuesOf("--set").map((pair) => {
      const at = pair.indexOf("=")
      return { name: pair.slice(0, at), value: pair.slice(at + 1), isSecret: false }
    }),
    runId,
    registry: world.registry,
    logins: [],
    insecureRegistries: world.insecureRegistries,
    environment: valuesOf("--env"),
    // acb gives every step the engine's socket.
    rights: ["socket" as const, "privileged" as const],
    timeoutSeconds: given.limit_s,
    signal: AbortSignal.timeout(given.limit_s * 1000),
    say: (line: string) => lines.log.push(line),
    print: (line: string, stream: "stdout" | "stderr") => (stream === "stdout" ? lines.stdout : lines.log).push(line),
  }
}

function compare(
  expected: WholeCase["expect"],
  result: ExecResult,
  lines: { stdout: string[]; log: string[] },
  registry: string,
): string[] {
  const here = (text: string) =>
    text.replaceAll(RECORDED, registry).replaceAll("127\\.0\\.0\\.1:5000", registry.replaceAll(".", "\\."))
  const text = [...lines.log, ...lines.stdout].join("\n")
  const differences: string[] = []
  const exitCode = result.isSuccess ? 0 : 1
  if (exitCode !== expected.exit_code) differences.push(`exit code ${exitCode} and not ${expected.exit_code}`)
  for (const line of expected.stdout_lines) {
    if (!lines.stdout.includes(here(line))) differences.push(`no output line "${here(line)}"`)
  }
  for (const absent of expected.stdout_absent) {
    if (lines.stdout.some((line) => line.includes(absent))) differences.push(`output holds "${absent}"`)
  }
  for (const pattern of expected.log_regex) {
    if (!new RegExp(here(pattern), "m").test(text)) differences.push(`the log does not match /${here(pattern)}/`)
  }
  for (const pattern of expected.log_absent_regex) {
    if (new RegExp(here(pattern), "m").test(text)) differences.push(`the log matches /${here(pattern)}/`)
  }
  for (const [id, status] of Object.entries(expected.step_status)) {
    if (!text.includes(`Step ID: ${id} marked as ${status}`)) differences.push(`step ${id} is not marked as ${status}`)
  }
  if (expected.dependencies !== undefined) {
    const wanted = expected.dependencies.map((one) => dependencyOf(one as Recorded, here))
    const found = result.dependencies.map(({ image, runtime, buildtime }) => {
      return { image: nameOf(image), runtime: nameOf(runtime), buildtime: buildtime.map(nameOf).sort() }
    })
    if (JSON.stringify(found) !== JSON.stringify(wanted)) {
      differences.push(`dependencies ${JSON.stringify(found)} and not ${JSON.stringify(wanted)}`)
    }
  }
  return differences
}

type RecordedImage = { registry: string; repository: string; tag?: string; digest?: string }
type Recorded = {
  image: RecordedImage | null
  "runtime-dependency": RecordedImage
  "buildtime-dependency": RecordedImage[] | null
}

/** As our Dockerfile reading has it: scratch is no image, Docker Hub is docker.io (rules of test/shared/dockerfile/conformance.test.ts). */
function dependencyOf(recorded: Recorded, here: (text: string) => string) {
  const plain = (image: RecordedImage | null) => {
    if (image === null || image.repository === "library/scratch") return undefined
    return nameOf({ ...image, registry: here(image.registry).replace("registry.hub.docker.com", "docker.io") })
  }
  return {
    image: plain(recorded.image),
    runtime: plain(recorded["runtime-dependency"]),
    buildtime: (recorded["buildtime-dependency"] ?? []).map(plain).sort(),
  }
}

/** That there is a digest counts, not which. */
function nameOf(
  image: { registry: string; repository: string; tag?: string | undefined; digest?: string | undefined } | undefined,
) {
  if (image === undefined) return undefined
  return `${image.registry}/${image.repository}:${image.tag ?? ""}${image.digest ? "@sha256:*" : ""}`
}

async function replaceRegistry(folder: string, registry: string): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    const text = await readFile(path, "utf8")
    if (text.includes(RECORDED)) await writeFile(path, text.replaceAll(RECORDED, registry))
  }
}
