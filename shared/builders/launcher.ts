/** What a launcher needs to start one builder. The token opens this run's builder endpoints and nothing else. */
export type BuilderLaunch = {
  /** Unique per attempt and idempotent: launching a name that runs already does nothing. `<runId>-<attempt>`. */
  name: string
  runId: string
  registryName: string
  attempt: number
  /** Base of the builder endpoints of this run: `<public url>/builders/v1/<registry>/<runId>`. */
  runUrl: string
  runToken: string
  /** The builder may live this long and not longer; the launcher stops it then. Seconds. */
  maxLifetimeSeconds: number
}

/** One builder that a launcher knows of. */
export type LaunchedBuilder = { name: string; runId: string; registryName: string; isRunning: boolean }

/**
 * Starts ephemeral builders. One implementation per place where builders can run (`process` now; `container-instances`,
 * `kubernetes` and agent pools later). Errors: `LauncherUnavailable` (retryable) when the place cannot be reached,
 * `LaunchRefused` (permanent) when it will never accept this builder.
 */
export interface Launcher {
  launch(builder: BuilderLaunch): Promise<void>
  /** Ends a builder and all it started. No error when it is gone already. */
  stop(name: string): Promise<void>
  list(): Promise<LaunchedBuilder[]>
}
