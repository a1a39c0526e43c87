/** One process of the local stack, as the supervisor sees it. Each folder in `local/` that is a process makes one of these. */
export type Part = {
  /** Also the name of its log file and of its line in `npm run status`. */
  name: string
  /** What it is, for people: "Service Bus broker on 127.0.0.1:5671". */
  title: string
  command: string
  /** Never holds a secret. */
  args: string[]
  /** Added to a clean environment; `SLIPWAY_PART` carries the part's JSON configuration. */
  env: Record<string, string>
  /** True once it does its work; asked every few milliseconds until then, and now and then afterwards. Never throws. */
  isHealthy(): Promise<boolean>
  /** Needs its own PID and mount namespace, so that all it starts dies with it. */
  isNamespaced?: boolean
  /** Names of parts that must be healthy before this one starts. */
  after?: string[]
  /** How long it gets between SIGTERM and SIGKILL. */
  stopTimeoutMs: number
}
