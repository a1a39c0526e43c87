import type { SecretSource } from "../shared/secrets/secret-source.ts"

/** What a command line reaches beside files: where it was typed, and where its words go. */
export type CommandWorld = {
  /** Paths count from here. */
  folder: string
  environment: Readonly<Record<string, string>>
  stdout(text: string): void
  stderr(text: string): void
  /** Standard input to its end. */
  readInput(): Promise<Uint8Array>
  now(): Date
  /** Where secrets are read that a task file only names. */
  secrets: SecretSource
  /** Aborts when the user (Ctrl-C) or the system asks for the end; until it is called, they simply end the process. */
  openStopSignal(): AbortSignal
}

/** Exit codes of every command: it went well, what was asked for failed, the command line itself is wrong. */
export const EXIT = { success: 0, failure: 1, usage: 2 } as const
