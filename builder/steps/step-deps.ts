import type { StepRight } from "../../shared/builders/run-work.ts"
import type { SourceSecrets } from "../../shared/contexts/take-secrets.ts"
import type { BuildCommand } from "../../shared/task-file/commands/read-build-command.ts"
import type { BuildStep, CmdStep, PushStep } from "../../shared/task-file/task.ts"
import type { FetchedSource, RemoteLocation } from "../context/fetch-source.ts"
import type { Engine } from "../engine/engine.ts"
import type { NetworkRetry } from "../failures/with-network-retry.ts"
import type { RunLog } from "../log/run-log.ts"
import type { SandboxPrograms } from "../shell/sandbox.ts"
import type { RunImages } from "./run-images.ts"

/** A build step as a task file has it, or as a request made it, whose command was never a text. */
export type PlannedBuild = Omit<BuildStep, "build"> & { build: string | BuildCommand }
export type PlannedStep = CmdStep | PlannedBuild | PushStep

/** Folders of a run on this machine. Containers see the first two as `/workspace` and `/acb/home`. */
export type RunPlaces = {
  workspace: string
  home: string
  /** One folder for each secret volume. */
  volumes: string
  /** For what a step needs while it runs. */
  temporary: string
}

/** What running a step needs; a kind of step takes only what it uses. */
export type StepDeps = {
  engine: Engine
  log: Pick<RunLog, "say" | "open">
  /** Makes one line of what an engine said, with nothing in it that its own output would not show. */
  causeText(said: string): string
  /** Hides further secrets from now on. */
  addSecrets(secrets: readonly string[]): void
  places: RunPlaces
  /** `os/architecture[/variant]`. */
  platform: string
  rights: ReadonlySet<StepRight>
  maxProcesses: number
  /** Undefined where this machine has no bubblewrap: texts that need a shell cannot run. */
  sandbox: SandboxPrograms | undefined
  /** User of sandboxed shells, when this process is root. */
  userId: number | undefined
  /** The engine's name of a network that the task names; undefined: the engine's own default. */
  networkOf(name: string): Promise<string | undefined>
  isCacheEnabled: boolean
  /** True for registries that the run belongs or is signed in to: only there it writes a layer cache. */
  isSignedIn(registry: string): boolean
  /** True when some step pushes to the repository, so that its layer cache may be written. */
  isPushing(repository: string): boolean
  fetchSource(location: RemoteLocation, secrets: SourceSecrets, folder: string): Promise<FetchedSource>
  /** Full id of the commit that the workspace was made from. */
  gitRevision: string | undefined
  images: RunImages
  retries: NetworkRetry
}
