export const TASK_VERSIONS = ["1.0-preview-1", "v1.0.0", "v1.1.0"] as const
export const CACHE_VALUES = ["enabled", "disabled"] as const

/** A task file, read: defaults applied, every rule of the reference checked (task-file 2, 3). Durations are seconds. */
export type Task = {
  version: (typeof TASK_VERSIONS)[number]
  steps: TaskStep[]
  networks: TaskNetwork[]
  volumes: SecretVolume[]
  secrets: SecretReference[]
  workingDirectory: string
}

type StepBase = {
  id: string
  /** Ids of the steps that must have succeeded; empty: starts with the run. No duplicates. */
  after: string[]
  timeoutSeconds: number
  startDelaySeconds: number
  /** Further attempts after a failure, and the pause before each. */
  retries: number
  retryDelaySeconds: number
  /** When not empty, only an attempt whose output holds one of them is tried again. */
  retryOnErrors: string[]
  /** Further rounds, each with its own retries, whatever came of those before. */
  repeat: number
  isErrorIgnored: boolean
  /** `NAME=value`: the step's own, then what it lacks of the task's. A step's own may be a name alone. */
  env: string[]
  workingDirectory: string
  isWorkingDirectoryOverrideDisabled: boolean
  /** Name of the network; empty: the engine's own default. */
  network: string
  volumeMounts: { name: string; mountPath: string }[]
  isPrivileged: boolean
  user: string
  isolation: string
  cpus: string
  ports: string[]
  expose: string[]
}

export type CmdStep = StepBase & {
  type: "cmd"
  /** Shell text: docker run's options, the image, and its arguments (task-file 3.1). */
  cmd: string
  entryPoint: string
  isDetached: boolean
  isKept: boolean
  isPulled: boolean
}
export type BuildStep = StepBase & {
  type: "build"
  /** Shell text: docker build's options and the context (task-file 3.2). */
  build: string
  cache: (typeof CACHE_VALUES)[number] | undefined
}
export type PushStep = StepBase & { type: "push"; images: string[] }
export type TaskStep = CmdStep | BuildStep | PushStep

export type TaskNetwork = {
  name: string
  driver: string
  isIpv6: boolean
  /** It is there already, and stays. */
  isExternal: boolean
  isDefault: boolean
}
/** Files of a volume, decoded. Written as they are, outside the workspace (architecture, "Deliberate differences"). */
export type SecretVolume = { name: string; files: { name: string; content: Uint8Array }[] }
/** `clientId` is empty for the system's own identity. */
export type SecretReference = { id: string; keyVault: string; clientId: string }
