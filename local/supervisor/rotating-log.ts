import { closeSync, fstatSync, openSync, readFileSync, renameSync, writeSync } from "node:fs"

export type RotatingLog = {
  write(chunk: Buffer | string): void
  /** A line of the supervisor's own, marked as such. */
  note(text: string): void
  /** The last lines written since this log was opened, the long ones cut, for people who ask why something failed. */
  tail(lines: number): string[]
  close(): void
}

export type RotatingLogOptions = { maxBytes?: number; now?: () => Date }

/** A stack trace in a JSON line is for the log, not for a terminal. */
const TAIL_CHARACTERS = 400

/** A log file that never takes more than twice `maxBytes` (10 MB unless told otherwise): what is full becomes `<file>.1`. */
export function openRotatingLog(file: string, options: RotatingLogOptions = {}): RotatingLog {
  const maxBytes = options.maxBytes ?? 10 * 1024 * 1024
  const now = options.now ?? (() => new Date())
  const open = () => openSync(file, "a", 0o600)
  let descriptor: number | undefined = open()
  let size = fstatSync(descriptor).size
  /** Where this start's lines begin: an earlier start's errors explain nothing of this one. */
  let tailFrom = size

  function write(chunk: Buffer | string): void {
    if (descriptor === undefined) return
    const bytes = Buffer.from(chunk)
    if (size > 0 && size + bytes.length > maxBytes) {
      closeSync(descriptor)
      renameSync(file, `${file}.1`)
      descriptor = open()
      size = 0
      tailFrom = 0
    }
    writeSync(descriptor, bytes)
    size += bytes.length
  }

  return {
    write,
    note: (text) => write(`${now().toISOString()} supervisor: ${text}\n`),
    tail: (lines) =>
      readFileSync(file)
        .subarray(tailFrom)
        .toString("utf8")
        .trimEnd()
        .split("\n")
        .filter((line) => line !== "")
        .slice(-lines)
        .map((line) => line.slice(0, TAIL_CHARACTERS)),
    close() {
      if (descriptor !== undefined) closeSync(descriptor)
      descriptor = undefined
    },
  }
}
