import { bytesOf, textOf } from "../values/go-text.ts"
import type { CallContext } from "./define-function.ts"

/** goutils' AbbreviateFull: at most `width` bytes, with `...` where something is missing. `offset` should stay in sight. */
export function abbreviate(text: string, offset: number, width: number): string {
  const bytes = bytesOf(text)
  return bytes.length <= width ? text : textOf(Buffer.from(abbreviateLatin(latinOf(bytes), offset, width), "latin1"))
}

function abbreviateLatin(text: string, wanted: number, width: number): string {
  if (text.length <= width) return text
  let offset = Math.min(wanted, text.length)
  if (text.length - offset < width - 3) offset = text.length - (width - 3)
  if (offset <= 4) return `${text.slice(0, width - 3)}...`
  if (offset + width - 3 < text.length) {
    const inner = width - 3
    // A width that leaves no room for a second mark gives nothing, as in goutils.
    return `...${inner < 4 ? "" : abbreviateLatin(text.slice(offset), 0, inner)}`
  }
  return `...${text.slice(text.length - (width - 3))}`
}

/** goutils' WrapCustom. Widths count bytes; blanks at the start of a line are dropped. */
export function wrapText(
  { budget }: CallContext,
  text: string,
  wanted: bigint,
  separator: string,
  isBreakingWords: boolean,
): string {
  const line = latinOf(bytesOf(text))
  const width = wanted < 1n ? 1 : Number(wanted)
  const inserted = latinOf(bytesOf(separator))
  const parts: string[] = []
  let offset = 0
  let length = 0
  const add = (part: string) => {
    parts.push(part, inserted)
    length += part.length + inserted.length
    budget.check(length)
  }
  while (line.length - offset > width) {
    budget.spend(1)
    if (line.charAt(offset) === " ") {
      offset++
      continue
    }
    const space = line.slice(offset, offset + width + 1).lastIndexOf(" ")
    if (space >= 0) {
      add(line.slice(offset, offset + space))
      offset += space + 1
    } else if (isBreakingWords) {
      add(line.slice(offset, offset + width))
      offset += width
    } else {
      const next = line.indexOf(" ", offset + width)
      if (next < 0) break
      add(line.slice(offset, next))
      offset = next + 1
    }
  }
  return textOf(Buffer.from(parts.join("") + line.slice(offset), "latin1"))
}

/** Bytes as characters of the same number, to work with positions in bytes. */
function latinOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1")
}
