import { readFile } from "node:fs/promises"
import { adoptImage } from "./adopt-image.ts"
import { buildImage } from "./build-image.ts"
import { cleanUp, removeAbandonedBuilds } from "./clean-up.ts"
import { clientEnvironment, createWrap, findProgram } from "./client-environment.ts"
import { clientSandbox } from "./client-sandbox.ts"
import { DIALECTS } from "./dialect.ts"
import { missingEmulation } from "./emulation.ts"
import type { Engine, EngineChoice } from "./engine.ts"
import { createEngineHome, writeRegistriesFile } from "./engine-home.ts"
import type { EngineSession } from "./engine-session.ts"
import { explainPlatform } from "./explain-platform.ts"
import { openSocket } from "./open-socket.ts"
import { pushImage, untagPushed } from "./push-image.ts"
import { runContainer } from "./run-container.ts"
import { resolveImage } from "./run-image.ts"
import { BUILD_NETWORK, ensureNetwork, networkNameOf } from "./run-network.ts"
import { createProcessRunner } from "./run-process.ts"
import { createVolume } from "./run-volume.ts"

export type EngineRun = {
  /** Lower-case letters and digits: it becomes part of image and network names. */
  runId: string
  /** The run's folder; the engine makes `engine/` in it and removes that with `dispose`. */
  workFolder: string
  /** Login server of the registry that the run belongs to; runs of two of them share no cache mounts. */
  owner?: string
  /** Registries reached over plain HTTP (`host:port`). Docker's daemon has its own list, in its settings. */
  insecureRegistries: string[]
  /** PEM file with every certificate authority to trust, the system's included. */
  caFile?: string | undefined
  /** Folders outside of the run's that builds read. */
  sourceFolders?: readonly string[]
}

/** Binds an engine to one run. Starts nothing; a missing or broken engine shows at the first call. */
export async function createEngine(choice: EngineChoice, run: EngineRun): Promise<Engine> {
  if (!/^[a-z0-9]+$/.test(run.runId)) throw new TypeError(`"${run.runId}" is no run id`)
  const dialect = DIALECTS[choice.dialect]
  const home = await createEngineHome(run.workFolder)
  if (dialect.name === "podman") {
    const hostFile = choice.env.CONTAINERS_REGISTRIES_CONF ?? "/etc/containers/registries.conf"
    await writeRegistriesFile(home.registriesFile, hostFile, run.insecureRegistries)
  }
  const env = { ...clientEnvironment(choice, home, run.caFile), ...dialect.environment(home) }
  const createRunner = async () => createProcessRunner({ env, wrap: await createWrap(false) })
  const runner = await createRunner()
  const bwrap = await findProgram("bwrap")
  const buildRunner = await createBuildRunner(choice, run, env, bwrap)
  const session: EngineSession = {
    ...{ choice, dialect, home, runner, buildRunner, runId: run.runId, owner: run.owner ?? "" },
    builds: new Map(),
    localNames: [],
    pushedNames: new Map(),
    networks: new Map(),
    namedImages: new Map(),
    lookups: new Map(),
    hasAbandonedBuild: false,
    registries: {
      authOf: home.authOf,
      isInsecure: (registry) => run.insecureRegistries.includes(registry),
      isOwn: (registry) => registry === run.owner,
      ca: run.caFile === undefined ? undefined : await readFile(run.caFile, "utf8"),
    },
    buildCount: 0,
    bwrap,
    visibleFolders: [run.workFolder, ...(run.sourceFolders ?? [])],
    socket: undefined,
    stopService: undefined,
    pending: new Set(),
  }

  return {
    choice,
    login: (login) => home.addLogin(login),
    build: (options) => buildImage(session, options),
    push: (imageId, image, onLine, signal) => pushImage(session, imageId, image, onLine, signal),
    architecture: architectureOf(choice),
    missingEmulation: (platform) => missingEmulation(platform, architectureOf(choice), home.folder),
    adopt: (image) => adoptImage(session, image),
    createNetwork: (options) => ensureNetwork(session, options),
    createVolume: (name) => createVolume(session, name),
    openSocket: () => openSocket(session),
    resolveImage: (image, isLocalAllowed) => resolveImage(session, image, isLocalAllowed),
    run: async (options) => await explainPlatform(session, options, await runContainer(session, options)),
    abort() {
      runner.abort()
      buildRunner.abort()
      session.stopService?.()
    },
    async dispose() {
      try {
        session.stopService?.()
        await Promise.allSettled(session.pending)
        const cleaner = { choice, runId: run.runId, runner: await createRunner() }
        await untagPushed(session, cleaner.runner)
        if (session.hasAbandonedBuild) await removeAbandonedBuilds(cleaner, networkNameOf(BUILD_NETWORK, session))
        await cleanUp(cleaner, session.localNames)
      } finally {
        await home.remove().catch(() => {})
      }
    },
  }
}

/** Builds read what users write: podman's in a namespace that dies with them, docker's by a client that sees the run's folders only. */
async function createBuildRunner(
  choice: EngineChoice,
  run: EngineRun,
  env: Record<string, string>,
  bwrap: string | undefined,
) {
  const { needsNamespace, name } = DIALECTS[choice.dialect]
  const wrap = await createWrap(needsNamespace)
  const { workFolder, sourceFolders = [], caFile } = run
  const isSandboxed = name === "docker" && bwrap !== undefined
  const sandbox = !isSandboxed ? undefined : clientSandbox({ bwrap, choice, workFolder, sourceFolders, caFile })
  return createProcessRunner({ env, wrap: sandbox === undefined ? wrap : (call) => wrap(sandbox(call)) })
}

/** In images' words, as the engine or else node has it. */
function architectureOf({ architecture = process.arch }: EngineChoice): string {
  return { x64: "amd64", x86_64: "amd64", aarch64: "arm64", ia32: "386" }[architecture] ?? architecture
}
