import { mkdir, mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { onTestFinished } from "vitest"
import type { Attempt } from "../../../builder/steps/attempt-step.ts"
import type { PlannedBuild, RunPlaces, StepDeps } from "../../../builder/steps/step-deps.ts"
import type { CmdStep } from "../../../shared/task-file/task.ts"
import { createFakeEngine } from "../fakes.ts"

const STEP = {
  ...{ id: "one", after: [], timeoutSeconds: 60, startDelaySeconds: 0, retries: 0, retryDelaySeconds: 0 },
  ...{ retryOnErrors: [], repeat: 0, isErrorIgnored: false, env: [], workingDirectory: "" },
  ...{ isWorkingDirectoryOverrideDisabled: false, network: "", volumeMounts: [], isPrivileged: false },
  ...{ user: "", isolation: "", cpus: "", ports: [], expose: [] },
}

export function cmdStep(cmd: string, changes: Partial<CmdStep> = {}): CmdStep {
  return { ...STEP, type: "cmd", cmd, entryPoint: "", isDetached: false, isKept: false, isPulled: false, ...changes }
}

export function buildStep(build: string, changes: Partial<PlannedBuild> = {}): PlannedBuild {
  return { ...STEP, type: "build", build, cache: undefined, ...changes }
}

/** Folders of a run that go with the test; `outside` is a part of the machine that no step may reach. */
export async function makePlaces(): Promise<RunPlaces & { outside: string }> {
  const base = await mkdtemp(path.join(tmpdir(), "step-"))
  onTestFinished(() => rm(base, { recursive: true, force: true }))
  const at = (name: string) => path.join(base, name)
  const places = {
    ...{ workspace: at("workspace"), home: at("home"), volumes: at("volumes"), temporary: at("temporary") },
    outside: at("outside"),
  }
  await Promise.all(Object.values(places).map((folder) => mkdir(folder)))
  return places
}

/** A run on an engine without containers, and everything that its log was told. */
export async function stepWorld(changes: Partial<StepDeps> = {}) {
  const fake = createFakeEngine()
  const said: string[] = []
  const hidden: string[] = []
  const places = await makePlaces()
  const deps: StepDeps = {
    engine: fake.engine,
    log: {
      say: (line) => said.push(line),
      open: (_stream, values = []) => {
        hidden.push(...values)
        return { print: (line) => said.push(line), close() {} }
      },
    },
    causeText: (text) => text,
    addSecrets: (secrets) => hidden.push(...secrets),
    places,
    platform: "linux/amd64",
    rights: new Set(),
    maxProcesses: 100,
    sandbox: undefined,
    userId: undefined,
    networkOf: async (name) => (name === "" ? undefined : `engine-${name}`),
    isCacheEnabled: true,
    isSignedIn: (registry) => registry === "reg.example",
    isPushing: (repository) => repository === "reg.example/pushed",
    fetchSource: () => Promise.reject(new Error("nothing is fetched in this test")),
    gitRevision: undefined,
    images: { builds: [], pushed: [] },
    retries: { attempts: 2, firstDelayMs: 1 },
    ...changes,
  }
  const attempt: Attempt = {
    number: 1,
    watch: { see() {}, hasFound: () => false },
    signal: new AbortController().signal,
  }
  return { fake, said, hidden, places, deps, attempt }
}
