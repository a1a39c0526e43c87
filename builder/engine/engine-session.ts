import type { Dialect } from "./dialect.ts"
import type { EngineChoice } from "./engine.ts"
import type { EngineHome } from "./engine-home.ts"
import type { RegistryAccess } from "./open-repository.ts"
import type { ProcessRunner } from "./run-process.ts"

/** What the calls of one engine, bound to one run, share. */
export type EngineSession = {
  choice: EngineChoice
  dialect: Dialect
  home: EngineHome
  runId: string
  /** Login server of the registry that the run belongs to. */
  owner: string
  runner: ProcessRunner
  /** The same, in a PID namespace where killing a build needs one. */
  buildRunner: ProcessRunner
  /** By image id. `cacheImage`: also to be pushed under that name, so that a later build finds its inline cache. */
  builds: Map<string, { localName: string; cacheImage: string | undefined; isIndex: boolean }>
  /** Every name that this run has given to an image of the engine. */
  localNames: string[]
  /** Names under which the run has pushed, each with the engine's local name of its image. */
  pushedNames: Map<string, string>
  /** The run's own networks by the names that it gave them; `""` is the one of the whole run. */
  networks: Map<string, Promise<string>>
  /** What the run has built: full image name → the engine's local name. */
  namedImages: Map<string, string>
  buildCount: number
  /** bubblewrap, where the machine has it, and the folders that builds read. */
  bwrap: string | undefined
  visibleFolders: readonly string[]
  /** A build did not get to its end: what it worked in may still lie about. */
  hasAbandonedBuild: boolean
  registries: RegistryAccess
  /** Questions to registries that are under way, by image name. */
  lookups: Map<string, Promise<string | undefined>>
  /** The socket for steps, once one was asked for, and how to end what serves it. */
  socket: Promise<string | undefined> | undefined
  stopService: (() => void) | undefined
  /** Work in the background that ends before the run's things are removed. */
  pending: Set<Promise<unknown>>
}
