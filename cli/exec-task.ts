import { mkdtemp, readFile, realpath } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { FetchDeps } from "../builder/context/fetch-deps.ts"
import { SYSTEM_PATH } from "../builder/engine/client-environment.ts"
import { createEngine } from "../builder/engine/create-engine.ts"
import type { EngineChoice } from "../builder/engine/engine.ts"
import { failureOf } from "../builder/failures/failure-of.ts"
import { NETWORK_RETRY } from "../builder/failures/with-network-retry.ts"
import { removeTree } from "../builder/remove-tree.ts"
import { dependenciesText } from "../builder/run/dependencies-text.ts"
import { executeWork } from "../builder/run/execute-work.ts"
import { createGrowingMasker } from "../builder/run/growing-masker.ts"
import { platformText } from "../builder/run/platform-text.ts"
import { dependenciesOfRun } from "../builder/run/report-images.ts"
import { keyLines, loginSecrets } from "../builder/secrets-of.ts"
import type { RunImages } from "../builder/steps/run-images.ts"
import type { ImageDependencies } from "../shared/builders/builder-messages.ts"
import type { RegistryLogin } from "../shared/builders/run-spec.ts"
import type { Argument, StepRight, TaskWork } from "../shared/builders/run-work.ts"
import type { SshAccess } from "../shared/git/ssh-access.ts"
import { newRunId } from "../shared/runs/run-id.ts"
import { limitTime } from "../shared/secrets/limit-time.ts"
import type { Masker } from "../shared/secrets/mask.ts"
import type { SecretSource } from "../shared/secrets/secret-source.ts"
import { localPlatform, localRunSpec } from "./local-run.ts"
import { SECRET_TIMEOUT_MS } from "./read-local-task.ts"

/** As the service's settings have them by default. */
const CONTEXT_LIMITS = { maxBytes: 21_474_836_480, maxEntries: 1_000_000, maxRatio: 200 }
const MAX_PROCESSES = 4096

export type ExecOptions = {
  choice: EngineChoice
  /** The folder that steps see as /workspace; they may write into it. */
  folder: string
  file: TaskWork["file"]
  valuesFile?: TaskWork["valuesFile"]
  values: Argument[]
  /** `.Run.ID`; a new one is made when it is not given. The engine's own names never hold it. */
  runId?: string
  taskName?: string
  /** `.Run.Registry`, and `.Run.RegistryName` where it is not the host's first part. */
  registry: string
  registryName?: string | undefined
  logins: RegistryLogin[]
  insecureRegistries: string[]
  /** Where the task file's `secrets` are read. */
  secrets: SecretSource
  environment: string[]
  /** For sources by ssh. */
  ssh: SshAccess
  rights: StepRight[]
  /** PEM file of every authority to trust, the system's included. */
  caFile?: string | undefined
  timeoutSeconds: number
  /** Layer caches in the registries of what is built; on unless told otherwise. */
  isCacheEnabled?: boolean
  /** Ends the run, which then leaves as little as one that ended by itself. */
  signal: AbortSignal
  /** Lines of ours, without a time, and output of steps, each masked and without a line end. */
  say(line: string): void
  print(line: string, stream: "stdout" | "stderr"): void
}
export type ExecResult = { isSuccess: boolean; message: string | undefined; dependencies: ImageDependencies[] }

/**
 * Runs a task file on a local engine with the code that builders run, without any service: what `acb exec` gives people. Nothing of it
 * is left on the engine: what is to stay is pushed. Errors: the engine cannot be bound.
 */
export async function execTask(options: ExecOptions): Promise<ExecResult> {
  const { choice, insecureRegistries, caFile } = options
  const timeout = new AbortController()
  const timer = setTimeout(() => timeout.abort(), options.timeoutSeconds * 1000)
  const signal = AbortSignal.any([options.signal, timeout.signal])
  const workFolder = await mkdtemp(join(tmpdir(), "slipway-task-"))
  const engineRunId = newRunId(new Date())
  const folder = await realpath(options.folder)
  const engine = await createEngine(choice, {
    ...{ runId: engineRunId, workFolder, insecureRegistries, caFile },
    owner: options.registry,
    sourceFolders: [folder],
  })
  signal.addEventListener("abort", () => engine.abort())
  if (signal.aborted) engine.abort()
  const secrets = [
    ...options.values.flatMap(({ value, isSecret }) => (isSecret ? [value] : [])),
    ...options.logins.flatMap(loginSecrets),
    ...keyLines(options.ssh),
  ]
  const maskers = createGrowingMasker(secrets)
  const say = (line: string) => options.say(maskers.masker.mask(line))
  const images: RunImages = { builds: [], pushed: [] }
  let failure: { message: string } | undefined
  try {
    await executeWork(
      specOf(options, engineRunId),
      { folder },
      {
        engine,
        log: {
          say,
          open: (stream = "stdout", hidden?: readonly string[]) =>
            createLinePrinter(maskers.open(hidden), (line) => options.print(line, stream)),
        },
        addSecrets: maskers.add,
        secrets: limitTime(options.secrets, SECRET_TIMEOUT_MS),
        causeText: (said) => maskers.maskCause(said).replace(/\s+/g, " ").trim(),
        ...{ workFolder, images, signal, retries: NETWORK_RETRY, environment: options.environment },
        fetchDeps: await fetchDepsOf(options, { workFolder, say, signal }),
      },
    )
  } catch (error) {
    if (timeout.signal.aborted) failure = { message: `the run took longer than ${options.timeoutSeconds} seconds` }
    else failure = options.signal.aborted ? { message: "it was stopped" } : failureOf(error)
  } finally {
    clearTimeout(timer)
    await engine.dispose()
    await removeTree(workFolder).catch((error) => {
      // Containers write as any user, this process may be none that can remove that.
      say(`WARNING: ${workFolder} cannot be removed: ${error instanceof Error ? error.message : error}`)
    })
  }
  const dependencies = dependenciesOfRun(images)
  if (dependencies.length > 0) {
    say("The following dependencies were found:")
    for (const line of dependenciesText(dependencies)) options.print(maskers.masker.mask(line), "stderr")
  }
  const message = failure === undefined ? undefined : maskers.maskCause(failure.message)
  return { isSuccess: failure === undefined, message, dependencies }
}

function specOf(options: ExecOptions, engineRunId: string) {
  const { file, valuesFile, values, logins, rights, timeoutSeconds } = options
  return {
    ...localRunSpec({ ...options, runId: options.runId ?? engineRunId }, new Date()),
    timeoutSeconds,
    work: { type: "task" as const, file, values, ...(valuesFile === undefined ? {} : { valuesFile }) },
    steps: { rights, maxProcesses: MAX_PROCESSES },
    logins,
    isCacheEnabled: options.isCacheEnabled ?? true,
  }
}

async function fetchDepsOf(
  { logins, insecureRegistries, caFile, timeoutSeconds, ssh }: ExecOptions,
  run: Pick<FetchDeps, "workFolder" | "say" | "signal">,
): Promise<FetchDeps> {
  return {
    ...run,
    limits: CONTEXT_LIMITS,
    // The machine is the user's own: what it may reach, its tasks may.
    rules: { allowedHosts: ["*"] },
    backOff: { firstDelayMs: 500, maxDelayMs: 4000 },
    timeoutMs: timeoutSeconds * 1000,
    ...(caFile === undefined ? {} : { caFile, ca: await readFile(caFile, "utf8") }),
    path: SYSTEM_PATH,
    ssh,
    authOf(registry) {
      const login = logins.find(({ loginServer }) => loginServer === registry)
      return login === undefined ? undefined : Buffer.from(`${login.userName}:${login.password}`).toString("base64")
    },
    isInsecure: (registry) => insecureRegistries.includes(registry),
    platform: platformText(localPlatform()),
  }
}

/** One stream of a step, masked as a stream and handed on line by line. */
function createLinePrinter(masker: Masker, print: (line: string) => void) {
  let rest = ""
  const hand = (text: string) => {
    const lines = (rest + text).split("\n")
    rest = lines.pop() ?? ""
    for (const line of lines) print(line)
  }
  return {
    print: (line: string, isPiece = false) => hand(masker.write(isPiece ? line : `${line}\n`)),
    close() {
      hand(masker.flush())
      if (rest !== "") print(rest)
      rest = ""
    },
  }
}
