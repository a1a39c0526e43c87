import type { RenderedText, Segment } from "./rendered-text.ts"

/** Indent of a line, a key, a header of a block scalar behind it (YAML 1.2, 8.1). */
const header =
  /^( *)((?:[-?:] +)*)(?:("(?:[^"\\]|\\.)*"|'[^']*'|[^\s"'#&*!|>%@`[{,][^#]*?|[^\s"'#&*!|>%@`[{,])\s*:[ \t]+)?(?:[&!]\S*[ \t]+)*[|>]([+-]?)([1-9]?)[+-]?(?:[ \t]+#.*)?\r?$/

// No key is as long, and the pattern takes more than linear time.
const maxHeaderLength = 1_000

/** A block scalar that is open: more indented than `parent`; `content` is known from its first line on. */
type Block = { parent: number; content: number | undefined }

/**
 * Deletes the lines whose first character is `#`, as ACR does before anything else (task-file 1) — but not what belongs to a block
 * scalar, where `#!/bin/sh` or a comment is part of a script (architecture, "Deliberate differences").
 */
export function stripComments(text: string): RenderedText {
  const kept: string[] = []
  const segments: Segment[] = []
  let block: Block | undefined
  let length = 0
  let offset = 0
  let isContinuing = false
  for (const line of text.match(/[^\n]*\n|[^\n]+$/g) ?? []) {
    const body = line.replace(/\r?\n$/, "")
    const indent = body.length - body.trimStart().length
    const isComment = body.trimStart().startsWith("#")
    const isBlank = body.trim() === ""
    if (block !== undefined && !isBlank && !isComment && indent <= block.parent) block = undefined
    const isInside: boolean = block !== undefined && !isBlank && indent >= (block.content ?? block.parent + 1)
    if (block !== undefined && isInside) block.content ??= indent
    if (!isComment || isInside) {
      if (!isContinuing) segments.push({ start: length, sourceStart: offset, isVerbatim: true })
      isContinuing = true
      kept.push(line)
      length += line.length
    } else isContinuing = false
    if (block === undefined) block = blockAfter(body)
    offset += line.length
  }
  return { text: kept.join(""), segments }
}

function blockAfter(line: string): Block | undefined {
  const match = line.length > maxHeaderLength ? null : header.exec(line)
  if (match === null) return undefined
  const [, indent = "", dashes = "", key, , digit = ""] = match
  // Content is indented against the map that the key is in, or the last dash.
  const start = indent.length + dashes.length
  const lastDash = indent.length + Math.max(dashes.trimEnd().lastIndexOf(" ") + 1, 0)
  const parent = key !== undefined ? start : dashes === "" ? indent.length - 1 : lastDash
  return { parent, content: digit === "" ? undefined : parent + Number(digit) }
}
