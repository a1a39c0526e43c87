import { createTokenVerifier } from "./auth/verify-access-token.ts"
import { createBlobStore } from "./azure/blob-store.ts"
import { createRunQueue } from "./azure/run-queue.ts"
import { createStorageAccess } from "./azure/storage-access.ts"
import { createTableStore } from "./azure/table-store.ts"
import type { Launcher } from "./builders/launcher.ts"
import { createProcessLauncher } from "./builders/process-launcher.ts"
import { readSettings, type Settings } from "./config.ts"
import { readSshAccess, sshSettingsOf } from "./git/ssh-access.ts"
import { createConsoleLog } from "./log.ts"
import type { Registry } from "./registry/registry.ts"
import { createRunTable } from "./runs/run-table.ts"
import { limitTime } from "./secrets/limit-time.ts"
import { noSecretSource } from "./secrets/no-secret-source.ts"
import { deriveKey } from "./secrets/seal.ts"
import { STORAGE_NAMES } from "./storage-names.ts"

/**
 * The composition root: everything that a use case may ask for, made from the settings. The only place that knows which
 * adapter stands behind a port. Making it does no I/O; clients connect when they are used.
 */
export function createApp(settings: Settings) {
  const access = createStorageAccess({
    accountName: settings.SLIPWAY_STORAGE_ACCOUNT,
    accountKey: settings.SLIPWAY_STORAGE_KEY,
    blobUrl: settings.SLIPWAY_BLOB_URL,
    tableUrl: settings.SLIPWAY_TABLE_URL,
    identityClientId: settings.SLIPWAY_IDENTITY_CLIENT_ID,
  })
  const table = createTableStore(access, STORAGE_NAMES.table)
  const blobs = createBlobStore(access, settings.SLIPWAY_BLOB_PUBLIC_URL)
  const queue = createRunQueue({
    queue: settings.SLIPWAY_RUNS_QUEUE,
    connectionString: settings.SlipwayServiceBus,
    fullyQualifiedNamespace: settings.SlipwayServiceBus__fullyQualifiedNamespace,
    identityClientId: settings.SLIPWAY_IDENTITY_CLIENT_ID,
  })
  return {
    settings,
    publicUrl: settings.SLIPWAY_PUBLIC_URL.replace(/\/+$/, ""),
    registries: registriesOf(settings),
    readSsh: () => readSshAccess(sshSettingsOf(settings)),
    runs: createRunTable(table),
    blobs,
    queue,
    launcher: launcherOf(settings),
    secrets: limitTime(noSecretSource, settings.SLIPWAY_SECRET_TIMEOUT_SECONDS * 1_000),
    verifyAccessToken: createTokenVerifier({
      issuer: settings.SLIPWAY_OIDC_ISSUER,
      audiences: settings.SLIPWAY_OIDC_AUDIENCE,
    }),
    requestKey: deriveKey(settings.SLIPWAY_SECRET_KEY, "run-request"),
    runTokenKey: deriveKey(settings.SLIPWAY_SECRET_KEY, "run-token"),
    log: createConsoleLog(),
    now: () => new Date(),
    processStartedAt: new Date(),
    uploadUrlSeconds: settings.SLIPWAY_UPLOAD_URL_SECONDS,
    limits: limitsOf(settings),
    /**
     * What a start may prepare: containers and table where no Bicep made them, and the queue's connection, so that the first
     * request does not wait for it. Errors are the store's; the caller tries again.
     */
    async prepare(): Promise<void> {
      const names = Object.values(STORAGE_NAMES.containers)
      const storage = settings.SLIPWAY_STORAGE_KEY === undefined ? [] : [blobs.ensure(names), table.ensure()]
      await Promise.all([...storage, queue.warmUp()])
    },
  }
}
export type App = ReturnType<typeof createApp>

let memo: App | undefined

/** The app of this process, made at first use. Errors: when the settings are not usable, with all that is wrong. */
export function app(): App {
  memo ??= createApp(readSettings())
  return memo
}

function registriesOf(settings: Settings): Registry[] {
  return settings.SLIPWAY_REGISTRIES.map(({ userName, password, resourceGroup, location, ...rest }) => ({
    ...rest,
    key: rest.name.toLowerCase(),
    resourceGroup: resourceGroup ?? settings.SLIPWAY_RESOURCE_GROUP,
    location: location ?? settings.SLIPWAY_LOCATION,
    login: userName === undefined || password === undefined ? undefined : { userName, password },
  }))
}

function launcherOf(settings: Settings): Launcher {
  if (settings.SLIPWAY_LAUNCHER_SOCKET === undefined) {
    throw new Error("SLIPWAY_LAUNCHER is 'process', so SLIPWAY_LAUNCHER_SOCKET must name its socket.")
  }
  return createProcessLauncher({ socketPath: settings.SLIPWAY_LAUNCHER_SOCKET })
}

function limitsOf(settings: Settings) {
  return {
    context: {
      maxBytes: settings.SLIPWAY_CONTEXT_MAX_BYTES,
      maxEntries: settings.SLIPWAY_CONTEXT_MAX_ENTRIES,
      maxRatio: settings.SLIPWAY_CONTEXT_MAX_RATIO,
    },
    allowedHosts: settings.SLIPWAY_SOURCE_HOSTS,
    steps: { rights: settings.SLIPWAY_STEP_RIGHTS, maxProcesses: settings.SLIPWAY_STEP_MAX_PROCESSES },
    logMaxBytes: settings.SLIPWAY_LOG_MAX_BYTES,
    heartbeatSeconds: settings.SLIPWAY_HEARTBEAT_SECONDS,
    isCacheEnabled: settings.SLIPWAY_CACHE === "on",
    timeout: {
      minSeconds: settings.SLIPWAY_TIMEOUT_MIN_SECONDS,
      defaultSeconds: settings.SLIPWAY_TIMEOUT_DEFAULT_SECONDS,
      maxSeconds: settings.SLIPWAY_TIMEOUT_MAX_SECONDS,
    },
    queueTimeoutSeconds: settings.SLIPWAY_QUEUE_TIMEOUT_SECONDS,
    claimTimeoutSeconds: settings.SLIPWAY_CLAIM_TIMEOUT_SECONDS,
    heartbeatTimeoutSeconds: settings.SLIPWAY_HEARTBEAT_TIMEOUT_SECONDS,
    cancelTimeoutSeconds: settings.SLIPWAY_CANCEL_TIMEOUT_SECONDS,
    maxAttempts: settings.SLIPWAY_MAX_ATTEMPTS,
  }
}
