import { isUtf8 } from "node:buffer"
import type { TextProblem } from "../templates/rendered-text.ts"

/**
 * The largest task file that is read. The longest ones in public repositories have some 50 KiB; whatever is a thousand times that
 * is no task file, and parsing it would take seconds.
 */
export const MAX_TASK_FILE_BYTES = 1024 * 1024

export type DecodedTaskFile = { ok: true; text: string } | { ok: false; problems: TextProblem[] }

/**
 * Bytes of a task file as text: UTF-8, a byte order mark dropped, CRLF made LF (which moves no line and no column). Refused are
 * files above {@link MAX_TASK_FILE_BYTES} and anything that is not UTF-8, with the place of the first wrong byte.
 */
export function decodeTaskFile(bytes: Uint8Array): DecodedTaskFile {
  if (bytes.length > MAX_TASK_FILE_BYTES) {
    return refused(
      `the task file is ${bytes.length} bytes long, the limit is ${MAX_TASK_FILE_BYTES}: move data into files of the context.`,
    )
  }
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    return refused("the task file is UTF-16: save it as UTF-8.")
  }
  if (!isUtf8(bytes)) return { ok: false, problems: [wrongByte(bytes)] }
  return { ok: true, text: withPlainLineEnds(new TextDecoder().decode(bytes)) }
}

/** CRLF made LF and a byte order mark dropped; for texts that did not come as bytes. */
export function withPlainLineEnds(text: string): string {
  return text.replace(/^\ufeff/, "").replaceAll("\r\n", "\n")
}

function wrongByte(bytes: Uint8Array): TextProblem {
  let line = 1
  let start = 0
  for (
    let end = bytes.indexOf(0x0a);
    end >= 0 && isUtf8(bytes.subarray(start, end));
    end = bytes.indexOf(0x0a, start)
  ) {
    line++
    start = end + 1
  }
  let at = start
  // A character has at most four bytes: the first place where none of them ends a valid text is the wrong one.
  for (let length = 1; at < bytes.length && length <= 4; length++) {
    if (!isUtf8(bytes.subarray(at, at + length)) || at + length > bytes.length) continue
    at += length
    length = 0
  }
  const column = new TextDecoder().decode(bytes.subarray(start, at)).length + 1
  const byte = (bytes[at] ?? 0).toString(16).padStart(2, "0")
  return { message: `the task file is not UTF-8: byte 0x${byte} fits nowhere. Save it as UTF-8.`, line, column }
}

function refused(message: string): { ok: false; problems: TextProblem[] } {
  return { ok: false, problems: [{ message, line: 1, column: 1 }] }
}
