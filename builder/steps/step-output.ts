import { Writable } from "node:stream"
import { finished } from "node:stream/promises"
import { createLineSplitter } from "../engine/line-splitter.ts"
import type { LogStream, RunLog } from "../log/run-log.ts"
import type { OutputWatch } from "./attempt-step.ts"

/** Where a step's output goes: to the run's log, each stream by itself, and past who looks for texts in it. */
export type StepOutput = { stdout: Writable; stderr: Writable; close(): Promise<void> }

export function openStepOutput(log: Pick<RunLog, "open">, watches: readonly OutputWatch[]): StepOutput {
  const stdout = writer(log.open("stdout"), "stdout", watches)
  const stderr = writer(log.open("stderr"), "stderr", watches)
  return {
    stdout,
    stderr,
    /** Ends both and waits until the last line is with the log. */
    async close() {
      await Promise.all(
        [stdout, stderr].map(async (stream) => {
          if (!stream.writableEnded) stream.end()
          await finished(stream)
        }),
      )
    },
  }
}

function writer(log: LogStream, stream: "stdout" | "stderr", watches: readonly OutputWatch[]): Writable {
  const lines = createLineSplitter((line, isPiece) => {
    for (const watch of watches) watch.see(isPiece ? line : `${line}\n`, stream)
    log.print(line, isPiece)
  })
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.write(chunk)
      // The log never waits; what it drops it says. Others get their turn between two chunks of a flood.
      setImmediate(done)
    },
    final(done) {
      lines.end()
      log.close()
      done()
    },
  })
}
