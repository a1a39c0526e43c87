import { mkdir, writeFile } from "node:fs/promises"
import type { ReadySpec } from "../../shared/builders/run-spec.ts"
import type { BuildWork } from "../../shared/builders/run-work.ts"
import type { SecretSource } from "../../shared/secrets/secret-source.ts"
import { isTaskFile } from "../../shared/task-file/is-task-file.ts"
import { runVariablesOf } from "../../shared/templates/run-variables.ts"
import type { FetchDeps } from "../context/fetch-deps.ts"
import { type FetchedSource, fetchSource } from "../context/fetch-source.ts"
import { findProgram } from "../engine/client-environment.ts"
import type { Engine } from "../engine/engine.ts"
import { loginKey } from "../engine/engine-home.ts"
import { type NetworkRetry, withNetworkRetry } from "../failures/with-network-retry.ts"
import type { RunLog } from "../log/run-log.ts"
import type { Plan } from "../steps/plan.ts"
import type { RunImages } from "../steps/run-images.ts"
import { runSteps } from "../steps/run-steps.ts"
import type { RunPlaces } from "../steps/step-deps.ts"
import { planOfBuild } from "./plan-of-build.ts"
import { platformText } from "./platform-text.ts"

/** What of a spec its work needs, once its sources are there. */
export type WorkSpec = Pick<
  ReadySpec,
  | "runId"
  | "registryName"
  | "loginServer"
  | "createdAt"
  | "taskName"
  | "platform"
  | "timeoutSeconds"
  | "work"
  | "steps"
  | "logins"
  | "isCacheEnabled"
>

export type ExecuteDeps = {
  engine: Engine
  log: Pick<RunLog, "say" | "open">
  /** Where the task file's `secrets` are read. */
  secrets: SecretSource
  /** Hides further secrets from now on. */
  addSecrets(secrets: readonly string[]): void
  /** Makes one line of what an engine said, with nothing in it that the engine's own output would not show. */
  causeText(said: string): string
  workFolder: string
  /** Filled while the steps run. */
  images: RunImages
  fetchDeps: FetchDeps
  retries: NetworkRetry
  signal: AbortSignal
  /** Variables of every step, where the task does not set them. */
  environment?: string[]
}

/** Reads what a run is to do in its sources, and does it. Errors: see `failureOf`; the signal's reason. */
export async function executeWork(spec: WorkSpec, source: FetchedSource, deps: ExecuteDeps): Promise<void> {
  const { engine, log, images, workFolder, signal, fetchDeps } = deps
  const places = await makePlaces(source.folder, workFolder)
  const plan = await planOf(spec, source, places, deps)
  await logIn(spec, engine, places, deps)
  const bwrap = await findProgram("bwrap")
  await runSteps(
    plan,
    {
      ...{ engine, log, places, images, causeText: deps.causeText, retries: deps.retries },
      addSecrets: deps.addSecrets,
      platform: platformText(spec.platform),
      rights: new Set(spec.steps.rights),
      maxProcesses: spec.steps.maxProcesses,
      sandbox: bwrap === undefined ? undefined : { bwrap },
      userId: shellUser(spec.runId),
      isCacheEnabled: spec.isCacheEnabled,
      isSignedIn: (name) => name === spec.loginServer || spec.logins.some(({ loginServer }) => loginServer === name),
      gitRevision: source.isRepository ? source.revision : undefined,
      fetchSource: (location, secrets, folder) => fetchSource(location, secrets, folder, fetchDeps),
    },
    signal,
  )
}

async function makePlaces(workspace: string, workFolder: string): Promise<RunPlaces> {
  const places = {
    workspace,
    home: `${workFolder}/home`,
    volumes: `${workFolder}/volumes`,
    temporary: `${workFolder}/temporary`,
  }
  await Promise.all([
    mkdir(places.home, { mode: 0o755 }),
    mkdir(places.volumes, { mode: 0o755 }),
    mkdir(places.temporary, { mode: 0o700 }),
  ])
  return places
}

async function planOf(spec: WorkSpec, source: FetchedSource, places: RunPlaces, deps: ExecuteDeps): Promise<Plan> {
  const variables = runVariablesOf(spec, source)
  if (spec.work.type === "build") return await planOfBuild(spec, spec.work, variables)
  const { file } = spec.work
  if ("path" in file && !isTaskFile(file.path)) {
    deps.log.say(
      `WARNING: ${file.path} has no extension of a task file, so it is built as a Dockerfile and nothing is pushed; az acr build pushes.`,
    )
    return await planOfBuild(spec, dockerfileWork(file.path), variables)
  }
  // With templates and YAML behind it: loaded by the runs that need it.
  const { readTask } = await import("./read-task.ts")
  const plan = await readTask(spec.work, {
    ...{ places, variables },
    platformOs: spec.platform.os.toLowerCase(),
    rules: deps.fetchDeps.rules,
    ca: deps.fetchDeps.ca,
    environment: deps.environment,
    now: () => new Date(),
    secrets: deps.secrets,
    addSecrets: deps.addSecrets,
    say: deps.log.say,
    signal: deps.signal,
  })
  deps.addSecrets(plan.volumes.flatMap(secretContents))
  return plan
}

function dockerfileWork(dockerFilePath: string): BuildWork {
  return { type: "build", dockerFilePath, imageNames: [], isPushed: false, arguments: [], noCache: false }
}

/** Shorter ones (`on`, `8080`, `admin`) stand in any output, and masking them would ruin it. */
const MIN_SECRET_LENGTH = 8

function secretContents({ files }: Plan["volumes"][number]): string[] {
  const texts = files.map(({ content }) => Buffer.from(content).toString("utf8"))
  return texts.flatMap((text) => [text, text.trim()]).filter((text) => text.length >= MIN_SECRET_LENGTH)
}

/** Limits of processes count by user, so every run has its own: far above any that a system gives out. */
function shellUser(runId: string): number | undefined {
  if (process.getuid?.() !== 0) return undefined
  const number = [...runId].reduce((sum, character) => (sum * 36 + Number.parseInt(character, 36)) % 100_000_000, 0)
  return 1_900_000_000 + number
}

async function logIn(spec: WorkSpec, engine: Engine, places: RunPlaces, deps: ExecuteDeps): Promise<void> {
  if (spec.logins.length === 0) return
  const { log, causeText, retries, signal } = deps
  log.say("Setting up Docker configuration...")
  log.say("Successfully set up Docker configuration")
  const auths: Record<string, { auth: string }> = {}
  for (const login of spec.logins) {
    log.say(`Logging in to registry: ${login.loginServer}`)
    await withNetworkRetry(
      () => engine.login(login),
      retries,
      signal,
      (why) => log.say(`The registry was not reached and is tried again: ${causeText(why)}`),
    )
    auths[loginKey(login.loginServer)] = {
      auth: Buffer.from(`${login.userName}:${login.password}`, "utf8").toString("base64"),
    }
    log.say(`Successfully logged into ${login.loginServer}`)
  }
  if (spec.work.type !== "task") return
  // What runs in a step finds the run's logins where docker's clients look for them (task-file 7.6).
  await mkdir(`${places.home}/.docker`, { mode: 0o755 })
  await writeFile(`${places.home}/.docker/config.json`, JSON.stringify({ auths }), { mode: 0o600 })
}
