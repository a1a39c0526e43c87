import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { onTestFinished } from "vitest"
import { runTaskCommand } from "../../cli/run-task-command.ts"
import { noSecretSource } from "../../shared/secrets/no-secret-source.ts"
import type { SecretSource } from "../../shared/secrets/secret-source.ts"

export type Outcome = { code: number; stdout: string; stderr: string }
type Options = { environment?: Record<string, string>; input?: string | Uint8Array; secrets?: SecretSource }

/** A folder with these files, gone after the test; no stack runs on its data folder. */
export function folderWith(files: Record<string, string>): string {
  const folder = mkdtempSync(path.join(tmpdir(), "slipway-cli-"))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true })
    writeFileSync(path.join(folder, name), content)
  }
  return folder
}

/** `npm run -s task -- <words>` in a folder, in this process. */
export async function taskIn(
  folder: string,
  words: readonly string[],
  { environment = {}, input = "", secrets = noSecretSource }: Options = {},
): Promise<Outcome> {
  const out = { stdout: "", stderr: "" }
  const code = await runTaskCommand(words, {
    folder,
    environment: { SLIPWAY_DATA: path.join(folder, "no-stack"), ...environment },
    stdout(text) {
      out.stdout += text
    },
    stderr(text) {
      out.stderr += text
    },
    readInput: async () => (typeof input === "string" ? Buffer.from(input) : input),
    secrets,
    now: () => new Date("2026-01-02T03:04:05Z"),
    openStopSignal: () => new AbortController().signal,
  })
  return { code, ...out }
}

/** The same on a folder that holds these files. */
export function taskOn(files: Record<string, string>, words: readonly string[], options?: Options): Promise<Outcome> {
  return taskIn(folderWith(files), words, options)
}
