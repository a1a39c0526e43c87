import { z } from "zod"

/** Which container engine drives a run, chosen by a probe that has just run a container (engines, "Recommendation"). */
export const EngineChoice = z.object({
  dialect: z.enum(["docker", "podman"]),
  /** Absolute path of the docker or podman program. */
  command: z.string(),
  /** Absolute path of the buildx program, docker only; called directly, so the CLI's plug-in folders do not matter. */
  buildxCommand: z.string().optional(),
  version: z.string(),
  /** Environment that reaches this engine: DOCKER_HOST, CONTAINERS_CONF, CONTAINERS_REGISTRIES_CONF … */
  env: z.record(z.string(), z.string()),
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
  /** `os/architecture[/variant]`, always passed (engines 6, difference 1). */
  platform: string
  noCache: boolean
  /** Read the registry cache; write it too when the run may push. */
  cache: { isRead: boolean; isWritten: boolean }
  labels: Record<string, string>
  onLine: OnLine
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
  push(imageId: string, image: string, onLine: OnLine): Promise<string>
  /** Ends whatever runs now, at once; pending calls reject with code `Aborted`. Idempotent. */
  abort(): void
  /** Removes containers, networks, volumes, local image names and the credential folder of this run. Never throws. */
  dispose(): Promise<void>
}
