import { z } from "zod"
import type { ContainerOptions, ContainerResult } from "./container-options.ts"
import type { RunnableImage } from "./run-image.ts"
import type { NetworkOptions } from "./run-network.ts"

/** Which container engine drives a run, chosen by a probe that has just run a container (engines, "Recommendation"). */
export const EngineChoice = z.object({
  dialect: z.enum(["docker", "podman"]),
  /** Absolute path of the docker or podman program. */
  command: z.string(),
  /** Absolute path of the buildx program, docker only; called directly, so the CLI's plug-in folders do not matter. */
  buildxCommand: z.string().optional(),
  version: z.string(),
  /** Of the machine that it runs on, in images' words (`amd64`). */
  architecture: z.string().optional(),
  /** Environment that reaches this engine: DOCKER_HOST, CONTAINERS_CONF, CONTAINERS_REGISTRIES_CONF … */
  env: z.record(z.string(), z.string()),
  /** The engine's default network keeps containers apart, so that one which needs no other can be on it. */
  isBridgeIsolated: z.boolean().optional(),
  /** `registry`: layer cache in a registry; `inline`: only what an image carries along; `none`. */
  cache: z.enum(["registry", "inline", "none"]),
  /** Why this engine and this cache, for people: the run log's first line says it. */
  reason: z.string(),
})
export type EngineChoice = z.infer<typeof EngineChoice>

/**
 * One line that the engine printed, without its line end. `stream` is kept apart only where it matters to a caller. `isPiece`: the
 * line was too long to hold and goes on with the next call.
 */
export type OnLine = (line: string, stream: "stdout" | "stderr", isPiece?: boolean) => void

export type BuildOptions = {
  contextFolder: string
  /** Absolute path of the Dockerfile, inside or outside the context folder. */
  dockerfilePath: string
  /** Full image names, login server included. The first names the cache repository. */
  images: string[]
  target?: string | undefined
  /** Values travel by environment, never in the argument list (contracts, "Secrets and processes"). */
  buildArguments: { name: string; value: string }[]
  /** `os/architecture[/variant]`, always passed (engines 6, difference 1). Several make one index. */
  platforms: string[]
  noCache: boolean
  /** docker's builder from before BuildKit (`DOCKER_BUILDKIT=0`); podman knows only its own. */
  isClassic?: boolean
  /** Read the registry cache; write it too when the run may push. */
  cache: { isRead: boolean; isWritten: boolean }
  labels: Record<string, string>
  /** What few builds ask for. */
  settings?: BuildSettings | undefined
  /** Somebody may write into the context while it is read. */
  isContextShared?: boolean
  /** Ends this build and nothing else. */
  signal?: AbortSignal | undefined
  onLine: OnLine
}

export type BuildSettings = {
  /** `none` or `host`; the engine's default otherwise. */
  network?: "none" | "host" | undefined
  /** Files of this machine that `RUN --mount=type=secret` sees. */
  secrets?: { id: string; file: string }[]
  /** Named contexts: folders of this machine, or `docker-image://…`. */
  contexts?: { name: string; value: string }[]
  /** Stages that are built anew, by name. */
  noCacheFilter?: string[]
  shmSize?: string | undefined
  ulimits?: string[]
  /** Layer caches to read beside the repository's own: image names. */
  cacheFrom?: string[]
}

/** `digest` of a base is the one that this build really resolved; absent when the engine did not say. */
export type BuildResult = { imageId: string; bases: { reference: string; digest: string | undefined }[] }

/**
 * The one way to a container engine, the same for docker and podman (engines 6). Bound to one run: every name, label and
 * credential it makes carries the run id, and `dispose` removes all of them. Failures are `EngineError`s.
 */
export type Engine = {
  choice: EngineChoice
  login(login: { loginServer: string; userName: string; password: string }): Promise<void>
  build(options: BuildOptions): Promise<BuildResult>
  /** Pushes that very image under that name and returns the digest that the registry holds now. */
  push(imageId: string, image: string, onLine: OnLine, signal?: AbortSignal): Promise<string>
  /** Of the machine that it runs on, in images' words. */
  architecture: string
  /** Why programs of a platform cannot run on this engine, and what to install; undefined when they can. */
  missingEmulation(platform: string): Promise<string | undefined>
  /** Lets the run push what a step has made under that name through the engine's socket; its id, undefined when there is none. */
  adopt(image: string): Promise<string | undefined>
  /** Makes a network of the run's own, once for each name; returns the engine's name of it. */
  createNetwork(options: NetworkOptions): Promise<string>
  /** Makes a volume of the run's own, once for each name; returns the engine's name of it. */
  createVolume(name: string): Promise<string>
  /** A socket on this machine that speaks docker's API to this engine; undefined where there is none. */
  openSocket(): Promise<string | undefined>
  /** What an image name means in this run, see `resolveImage` in run-image.ts. */
  resolveImage(image: string, isLocalAllowed: boolean): Promise<RunnableImage>
  /** Runs a container to its end, or until it has started when it is detached. */
  run(options: ContainerOptions): Promise<ContainerResult>
  /** Ends whatever runs now, at once; pending calls reject with code `Aborted`. Idempotent. */
  abort(): void
  /** Removes containers, networks, volumes, local image names and the credential folder of this run. Never throws. */
  dispose(): Promise<void>
}
