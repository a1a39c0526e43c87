import type { RenderedText, TextProblem } from "../templates/rendered-text.ts"
import type { SecretReference, Task } from "./task.ts"

export type TaskPlatform = "linux" | "windows"

/** What a task file is read with. Only the three functions reach outside. */
export type TaskFileInput = {
  /** The template engine, its options bound. Positions count in `source`. */
  render(
    source: string,
    roots: Record<string, unknown>,
  ): { ok: true; rendered: RenderedText } | { ok: false; problem: TextProblem }
  /** What templates see (task-file 4), with these values of `.Secrets`. */
  roots(secrets: Readonly<Record<string, string>>): Record<string, unknown>
  /** Fetches a file that `alias.src` names: a path in the context or an http(s) URL. `problem` is one line for the user. */
  loadAlias(source: string): Promise<{ ok: true; text: string } | { ok: false; problem: string }>
  /** Gives the values by id, or what went wrong with which secret, in one line for the user without any value. */
  resolveSecrets(
    references: SecretReference[],
  ): Promise<{ ok: true; values: Record<string, string> } | { ok: false; problems: { id: string; message: string }[] }>
  platform: TaskPlatform
  /** What the run adds, where the file does not say it itself (task-file 2). */
  environment?: string[]
  workingDirectory?: string
  /** A network that is there already, which steps join that name none. */
  network?: string
}

/** The text after each pass, for showing. `rendered` may hold secrets. */
export type TaskTexts = { aliased?: string; rendered?: string }

export type TaskFileResult =
  | { ok: true; task: Task; warnings: TextProblem[]; texts: TaskTexts }
  | { ok: false; problems: TextProblem[]; warnings: TextProblem[]; texts: TaskTexts }
