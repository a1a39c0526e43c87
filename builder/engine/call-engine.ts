import type { PrintedLine } from "./classify-failure.ts"
import type { OnLine } from "./engine.ts"
import { EngineError } from "./engine-error.ts"
import type { EngineSession } from "./engine-session.ts"
import type { Invocation, ProcessRunner } from "./run-process.ts"

/** As many last lines as a failure is explained with. */
const KEPT_LINES = 200

export type EngineAnswer = { isSuccess: boolean; lines: PrintedLine[] }

/**
 * Runs one call to its end and keeps its last lines. An engine whose client was killed, though not by us, is gone.
 */
export async function callEngine(
  runner: ProcessRunner,
  invocation: Invocation,
  onLine: OnLine = () => {},
): Promise<EngineAnswer> {
  const lines: PrintedLine[] = []
  const isOpen = { stdout: false, stderr: false }
  const { exitCode, signal } = await runner.run(invocation, (line, stream, isPiece = false) => {
    // The rest of a line that came in pieces explains nothing and may begin in the middle of a secret.
    if (!isOpen[stream]) lines.push({ line, stream })
    if (lines.length > KEPT_LINES) lines.shift()
    isOpen[stream] = isPiece
    onLine(line, stream, isPiece)
  })
  if (exitCode === undefined) {
    throw new EngineError("EngineUnavailable", `${invocation.command} was ended by signal ${signal}`)
  }
  return { isSuccess: exitCode === 0, lines }
}

/** The failure to throw: what was read from the output when that is certain, else whether the engine still answers. */
export async function explain(
  { dialect, choice, runner }: EngineSession,
  { error, isCertain }: { error: EngineError; isCertain: boolean },
): Promise<EngineError> {
  const ping = isCertain ? undefined : dialect.ping(choice)
  if (ping === undefined) return error
  const answers = await callEngine(runner, ping).catch(() => ({ isSuccess: false }))
  if (runner.isAborted) return new EngineError("Aborted", "the engine was told to stop")
  return answers.isSuccess
    ? error
    : new EngineError("EngineUnavailable", `the engine does not answer any more: ${error.message}`, error)
}
