import { randomBytes } from "node:crypto"
import type { BuilderLaunch, LaunchedBuilder, Launcher } from "../../shared/builders/launcher.ts"
import type { AppError } from "../../shared/errors.ts"
import { silentLog } from "../../shared/log.ts"
import type { Registry } from "../../shared/registry/registry.ts"
import { type QueueRunDeps, type QueueRunInput, queueRun } from "../../shared/runs/queue-run.ts"
import type { Run } from "../../shared/runs/run.ts"
import type { RunMessage } from "../../shared/runs/run-message.ts"
import type { RunRequest } from "../../shared/runs/run-request.ts"
import { createRunTable } from "../../shared/runs/run-table.ts"
import { fakeSecrets } from "./fake-secrets.ts"
import { createMemoryBlobStore } from "./memory-blob-store.ts"
import { createMemoryTableStore } from "./memory-table-store.ts"

/** Everything a use case of runs may ask for, in memory, with a clock that the test moves. */
export function createRunWorld() {
  const store = createMemoryTableStore()
  const blobs = createMemoryBlobStore()
  const sent: { message: RunMessage; delaySeconds: number | undefined }[] = []
  const launched: BuilderLaunch[] = []
  const stopped: string[] = []
  const world = {
    store,
    blobs,
    runs: createRunTable(store),
    sent,
    launched,
    stopped,
    /** Set to make the queue or the launcher fail. */
    faults: { queue: undefined as AppError | undefined, launch: undefined as AppError | undefined },
    alive: new Set<string>(),
    clock: new Date("2026-11-21T10:00:00.000Z"),
    now: () => new Date(world.clock),
    pass(seconds: number) {
      world.clock = new Date(world.clock.getTime() + seconds * 1_000)
    },
    queue: {
      async send(message: RunMessage, delaySeconds?: number) {
        if (world.faults.queue !== undefined) throw world.faults.queue
        sent.push({ message, delaySeconds })
      },
    },
    launcher: {
      async launch(builder) {
        if (world.faults.launch !== undefined) throw world.faults.launch
        launched.push(builder)
        world.alive.add(builder.name)
      },
      async stop(name) {
        stopped.push(name)
        world.alive.delete(name)
      },
      async list(): Promise<LaunchedBuilder[]> {
        return [...world.alive].map((name) => ({
          name,
          runId: name.split("-")[0] ?? "",
          registryName: "acme",
          isRunning: true,
        }))
      },
    } satisfies Launcher,
    secrets: fakeSecrets(),
    readSsh: async () => ({ privateKey: "key", knownHosts: "hosts" }),
    log: silentLog,
    requestKey: randomBytes(32),
    runTokenKey: randomBytes(32),
    publicUrl: "https://slipway.test",
    registries: [registry()],
    processStartedAt: new Date("2026-11-21T09:00:00.000Z"),
    limits: {
      context: { maxBytes: 1_000, maxEntries: 10, maxRatio: 100 },
      allowedHosts: [],
      steps: { rights: [], maxProcesses: 100 },
      logMaxBytes: 10_000,
      heartbeatSeconds: 2,
      isCacheEnabled: true,
      queueTimeoutSeconds: 30,
      claimTimeoutSeconds: 60,
      heartbeatTimeoutSeconds: 60,
      cancelTimeoutSeconds: 30,
      maxAttempts: 3,
    },
  }
  return world
}
export type RunWorld = ReturnType<typeof createRunWorld>

export function registry(): Registry {
  return {
    name: "Acme",
    key: "acme",
    resourceGroup: "Builds",
    location: "local",
    sku: "Premium",
    loginServer: "registry.test:5000",
    isInsecure: false,
    createdAt: "2026-01-01T00:00:00Z",
    login: { userName: "robot", password: "registry-password" },
  }
}

/** {@link queueRun}, for tests that only look at the run. */
export async function queued(world: QueueRunDeps, input: QueueRunInput): Promise<Run> {
  return (await queueRun(world, input)).run
}

export const UPLOAD = "source/202611210000/01234567-89ab-cdef-0123-456789abcdef.tar.gz"
const UPLOAD_BLOB = "acme/202611210000/01234567-89ab-cdef-0123-456789abcdef.tar.gz"

/** Puts a context where {@link UPLOAD} names it. */
export async function upload(world: RunWorld): Promise<void> {
  await world.blobs.write("source", UPLOAD_BLOB, Buffer.from("archive"))
}

export function request(changes: Partial<RunRequest> = {}): RunRequest {
  return {
    v: 2,
    work: {
      type: "build",
      dockerFilePath: "Dockerfile",
      imageNames: ["hello:v1"],
      isPushed: true,
      arguments: [{ name: "TOKEN", value: "secret-argument", isSecret: true }],
      noCache: false,
    },
    source: { type: "upload", path: UPLOAD },
    platform: { os: "linux", architecture: "amd64" },
    timeoutSeconds: 3600,
    isSourceRegistryLoginEnabled: true,
    customLogins: [],
    isArchiveEnabled: false,
    ...changes,
  }
}
