import type { Streams } from "./run-process.ts"

/**
 * What a container sees at `target`: a folder or file of this machine (an absolute path), a volume of the run (the engine's name of
 * it), or something empty that goes with the container.
 */
export type Mount = { source: string | "anonymous" | "tmpfs"; target: string; isReadOnly: boolean }

/** One container of a run. Everything in it has been checked: nothing here is a user's text that docker would take apart. */
export type ContainerOptions = {
  /** Unique in the run: letters, digits, `_`, `.` and `-`. The engine puts the run's id in front. */
  name: string
  /** The name that other containers of its network know it by. */
  alias: string | undefined
  image: string
  arguments: string[]
  /** `NAME=value`; the last one of a name counts. Never in the argument list. */
  env: string[]
  mounts: Mount[]
  /** A network that `createNetwork` made, or `host`, `none`; undefined: the engine's default. */
  network: string | undefined
  workingDirectory: string | undefined
  entryPoint: string | undefined
  user: string | undefined
  isolation: string | undefined
  cpus: string | undefined
  /** Ports of the container; none is published on this machine, which runs share. */
  expose: string[]
  isPrivileged: boolean
  platform: string
  /** When the image is fetched. */
  pull: "never" | "missing" | "always"
  /** Further options of docker run, checked, as they are. */
  options: string[]
  /** Not waited for: `run` ends when it has started. Removed with the run. */
  isDetached: boolean
  /** Processes that may run in it at once. */
  maxProcesses: number
  streams: Streams
  /** Ends the container, whatever it does with signals. */
  signal: AbortSignal
}

/** How a container ended: its program's exit code; 125 when the engine could not run it, with what it said about that. */
export type ContainerResult = { exitCode: number; reason?: string }
