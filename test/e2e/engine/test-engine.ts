import { execFile } from "node:child_process"
import { randomBytes } from "node:crypto"
import { rmSync } from "node:fs"
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { z } from "zod"
import { createEngine, type EngineRun } from "../../../builder/engine/create-engine.ts"
import { type BuildOptions, type Engine, EngineChoice } from "../../../builder/engine/engine.ts"
import { engineCandidates } from "../../../builder/engine/engine-candidates.ts"
import { probeEngine } from "../../../builder/engine/probe-engine.ts"

export const DIALECTS = ["docker", "podman"] as const
export type DialectName = (typeof DIALECTS)[number]

let given: EngineChoice[] | undefined
let settingsFolder: string | undefined

/** The engine to test: from `SLIPWAY_TEST_ENGINES` (JSON array of choices), else the machine's. A missing one fails the test. */
export async function engineOf(dialect: DialectName): Promise<EngineChoice> {
  const text = process.env.SLIPWAY_TEST_ENGINES
  given ??= text === undefined || text === "" ? [] : z.array(EngineChoice).parse(JSON.parse(text))
  const found = given.find((choice) => choice.dialect === dialect)
  if (found !== undefined) return found
  settingsFolder ??= await makeSettingsFolder()
  const candidates = (await engineCandidates(process.env)).filter((candidate) => candidate.dialect === dialect)
  const choice = await probeEngine(candidates, { settingsFolder })
  given.push(choice)
  return choice
}

/** podman reads its settings there for as long as the tests run. */
async function makeSettingsFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "slipway-engine-"))
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export type TestRun = {
  engine: Engine
  runId: string
  workFolder: string
  contextFolder: string
  lines: string[]
  options(changes?: Partial<BuildOptions>): BuildOptions
  end(): Promise<void>
}

/** One run with a context of these files. */
export async function startRun(
  choice: EngineChoice,
  files: Record<string, string>,
  changes: Partial<EngineRun> = {},
): Promise<TestRun> {
  const runId = `t${randomBytes(5).toString("hex")}`
  const workFolder = await mkdtemp(join(tmpdir(), "slipway-run-"))
  const contextFolder = join(workFolder, "context")
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(contextFolder, path)), { recursive: true })
    await writeFile(join(contextFolder, path), content)
  }
  const engine = await createEngine(choice, { runId, workFolder, insecureRegistries: [], ...changes })
  const lines: string[] = []
  return {
    ...{ engine, runId, workFolder, contextFolder, lines },
    options: (options = {}) => ({
      contextFolder,
      dockerfilePath: join(contextFolder, "Dockerfile"),
      images: [],
      buildArguments: [],
      platforms: [`linux/${process.arch === "arm64" ? "arm64" : "amd64"}`],
      noCache: false,
      cache: { isRead: false, isWritten: false },
      labels: {},
      onLine: (line) => lines.push(line),
      ...options,
    }),
    async end() {
      engine.abort()
      await engine.dispose()
      await rm(workFolder, { recursive: true, force: true })
    },
  }
}

/** Resolves once a line that contains `text` was printed. */
export async function printed(run: TestRun, text: string): Promise<void> {
  await until(() => run.lines.some((line) => line.includes(text)), `the line "${text}" in:\n${run.lines.join("\n")}`)
}

export async function until(isTrue: () => boolean | Promise<boolean>, what: string, timeoutMs = 30_000): Promise<void> {
  const deadline = Date.now() + timeoutMs
  while (!(await isTrue())) {
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** Argument lists of all processes of this machine. */
export async function argumentLists(): Promise<{ pid: number; text: string }[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name))
  const lists = await Promise.all(
    pids.map(async (pid) => ({
      pid: Number(pid),
      text: (await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).replaceAll("\0", " "),
    })),
  )
  return lists.filter(({ text }) => text !== "")
}

/** Runs the engine's own program, outside any run, and returns what it printed. */
export function ask(choice: EngineChoice, ...args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(
      choice.command,
      args,
      { env: { PATH: process.env.PATH, HOME: tmpdir(), ...choice.env } },
      (error, stdout) => (error === null ? resolve(stdout) : reject(error)),
    )
  })
}
