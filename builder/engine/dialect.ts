import type { BuildPlan } from "./bake-definition.ts"
import type { ContainerOptions } from "./container-options.ts"
import { dockerDialect } from "./docker-dialect.ts"
import type { EngineChoice } from "./engine.ts"
import type { EngineHome } from "./engine-home.ts"
import { podmanDialect } from "./podman-dialect.ts"
import type { Invocation } from "./run-process.ts"

/**
 * What differs between docker and podman, so that the driver need not know which one it drives. Numbers are those of the
 * list of differences (engines 6). The driver keeps the rest by what it never does: quiet output (11), `run` and its flags
 * (7, 8), `inspect` of health checks (13), name service (17), git contexts (19: contexts are folders), docker's API on
 * podman's socket (20) and the legacy builder (21: the probe refuses both).
 */
export type Dialect = {
  name: EngineChoice["dialect"]
  /** 16: local names in full, as this engine writes them. Unique per build of a run. */
  localName(runId: string, number: number): string
  /** 12, 15, 3: environment of every call besides the clean one. */
  environment(home: EngineHome): Record<string, string>
  /** 5: true when killing the client leaves RUN processes alive, so that they need a PID namespace that dies with it. */
  needsNamespace: boolean
  /** 4: where the layer cache of a repository is; undefined when this engine and this choice have none. */
  cacheOf(
    repository: string,
    platform: string,
    cache: EngineChoice["cache"],
  ): { from: string[]; to: string } | undefined
  /** Engines with `false` put all containers of all runs on one network unless told otherwise (14). */
  isolatesBuilds: boolean
  /** 1, 3, 4, 9, 12, 14: the build. `resultFile` gets what `imageIdOf` reads. */
  build(choice: EngineChoice, plan: BuildPlan, files: BuildFiles): Invocation
  imageIdOf(resultFile: string): string | undefined
  /** 2: how base images are found: in the output (`undefined`), or by asking about each afterwards. */
  inspectBases: ((choice: EngineChoice, references: string[]) => Invocation) | undefined
  /** 2: the digests under which this engine has ever met each image, whatever the name was: one line for each. */
  digestsOf(printed: string[]): string[][]
  /** 8, 12: options of docker run that only one of them knows, or needs. */
  containerOptions(options: Pick<ContainerOptions, "isolation" | "isPrivileged">): string[]
  /** 2: pushes a local name under an image name. The digest is printed on stdout or stands in `digestFile`. */
  push(choice: EngineChoice, localName: string, image: string, files: PushFiles): Invocation
  /** Takes the image name away again that pushing needed. */
  untag(choice: EngineChoice, image: string, files: PushFiles): Invocation | undefined
  /** 10: succeeds when the engine answers. Undefined where there is no daemon that could be away. */
  ping(choice: EngineChoice): Invocation | undefined
  /** 18: lines that say nothing to a user; undefined drops the line. */
  cleanLine(line: string): string | undefined
}

export type BuildFiles = {
  resultFile: string
  network: string | undefined
  temporaryFolder: string
  ignoreFile: string | undefined
}

/** `isIndex`: images of several platforms in one. `lockFile`: held by who pushes that image name, where a name is the whole engine's. */
export type PushFiles = { digestFile: string; lockFile: string; isIndex: boolean }

export const DIALECTS: Record<EngineChoice["dialect"], Dialect> = { docker: dockerDialect, podman: podmanDialect }
