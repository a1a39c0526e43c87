import { readFile } from "node:fs/promises"
import path from "node:path"
import { readCleanEnvironment, readEnvironment, readLocalSettings } from "../config.ts"
import { repositoryRoot } from "../repository-root.ts"
import { readStack } from "../stack.ts"
import type { StackState } from "../stack-state.ts"
import { loginServer } from "../stack-urls.ts"
import { readRunningSupervisor } from "../supervisor/supervisor-file.ts"
import { openHttpClient } from "./build-over-http.ts"
import { parseArguments } from "./parse-arguments.ts"
import { runCommand } from "./run-command.ts"
import { runPushedImage } from "./run-pushed-image.ts"
import { complain, duration, paint, say } from "./terminal.ts"

const HELP = `npm run demo

Starts the local stack (or uses the one that runs), builds and pushes examples/hello with az, runs the pushed image, shows
the list of runs, and stops what it started. Exit code 0 only when the image really printed its line.`

const IMAGE = "hello:v1"
const EXAMPLE = "examples/hello"

/** `npm run demo`. */
export async function runDemo(args: string[]): Promise<number> {
  const parsed = parseArguments(args, {}, HELP)
  if ("exit" in parsed) return parsed.exit
  const startedAt = performance.now()
  const interrupted = new AbortController()
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(name, () => interrupted.abort(new Error("interrupted")))
  }
  let isOurs = false
  let code = 1
  try {
    const { SLIPWAY_DATA: dataFolder } = readLocalSettings()
    isOurs = readRunningSupervisor(dataFolder) === undefined
    if (isOurs) await ownCommand("start", ["--detach"])
    else say(`Using the stack that runs on ${dataFolder}.`)
    const stack = await readStack(dataFolder)
    if (stack === undefined) throw new Error(`there is no stack.json in ${dataFolder}`)
    await untilAborted(buildAndRun(stack, interrupted.signal), interrupted.signal)
    code = 0
  } catch (error) {
    complain(error)
  } finally {
    if (isOurs) await ownCommand("stop", []).catch(complain)
  }
  if (code === 0) say(paint(`The demo took ${duration(performance.now() - startedAt)}.`, "green"))
  return code
}

/** What was begun may go on for a moment; nothing waits for it any more. */
async function untilAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true })
  })
  signal.throwIfAborted()
  await Promise.race([work, aborted])
}

async function buildAndRun(stack: StackState, signal: AbortSignal): Promise<void> {
  const client = await openClient(stack, signal)
  await client.build()

  step(`the pushed image ${loginServer(stack)}/${IMAGE}, pulled and run`)
  const engine = readRunningSupervisor(stack.dataFolder)?.engine
  if (engine === undefined) throw new Error("no container engine answers: npm run -s status says more")
  const printed = (await runPushedImage(stack, engine, IMAGE, readCleanEnvironment())).trim()
  say(printed)
  const expected = (await readFile(path.join(repositoryRoot(), EXAMPLE, "message.txt"), "utf8")).trim()
  if (printed !== expected)
    throw new Error(`the image printed ${JSON.stringify(printed)}, not ${JSON.stringify(expected)}`)

  await client.listRuns()
}

/** The same work by az, or by the calls that az makes where it is not installed. */
async function openClient(
  stack: StackState,
  signal: AbortSignal,
): Promise<{ build(): Promise<void>; listRuns(): Promise<void> }> {
  const env = readEnvironment()
  if ((await runCommand("sh", ["-c", "command -v az"], { env })).code === 0) {
    const az = (...args: string[]) => azCommand(stack, { env, signal }, args)
    return {
      build: () => az("acr", "build", "-r", stack.registry.name, "-t", IMAGE, EXAMPLE),
      listRuns: () => az("acr", "task", "list-runs", "-r", stack.registry.name, "-o", "table"),
    }
  }
  say("az is not installed: the demo makes the same calls over plain HTTP.")
  const http = await openHttpClient(stack, (text) => process.stdout.write(text))
  return {
    async build() {
      step(`upload, scheduleRun and the log over HTTP: ${IMAGE} from ${EXAMPLE}`)
      await http.build(path.join(repositoryRoot(), EXAMPLE), IMAGE)
    },
    async listRuns() {
      step("the list of runs over HTTP")
      say(await http.listRuns())
    },
  }
}

type AzOptions = { env: Record<string, string>; signal: AbortSignal }

/** Unmodified az, in a shell that has sourced env.sh as a user would. */
async function azCommand(stack: StackState, options: AzOptions, args: string[]): Promise<void> {
  step(`az ${args.join(" ")}`)
  const script = '. "$0" && exec az "$@"'
  const envFile = path.join(stack.dataFolder, "env.sh")
  const { code } = await runCommand("sh", ["-c", script, envFile, ...args], {
    ...options,
    cwd: repositoryRoot(),
    isShown: true,
  })
  if (code !== 0) throw new Error(`az ended with exit code ${code}`)
}

async function ownCommand(name: "start" | "stop", args: string[]): Promise<void> {
  const file = path.join(repositoryRoot(), "local", "cli", `${name}.ts`)
  const env = readEnvironment()
  const { code } = await runCommand(process.execPath, [...process.execArgv, file, ...args], { env, isShown: true })
  if (code !== 0) throw new Error(`the stack did not ${name}`)
}

function step(text: string): void {
  say(`\n${paint(`$ ${text}`, "bold")}`)
}
