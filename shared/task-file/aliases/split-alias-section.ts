import type { RenderedText, Segment } from "../../templates/rendered-text.ts"

const ALIAS_KEY = /^alias\s*:/
const TOP_LEVEL_KEY = /^[^\s:]+[^:]*:/

/**
 * Cuts the `alias:` sections out of a task file: from such a line at column 0 to the next top-level key (task-file 5). Both results
 * end every line with a line feed, and lead back to the text.
 */
export function splitAliasSection(text: string): { section: RenderedText; rest: RenderedText } {
  const section = createCutting()
  const rest = createCutting()
  let isInside = false
  for (let start = 0; start < text.length; ) {
    const lineFeed = text.indexOf("\n", start)
    const end = lineFeed < 0 ? text.length : lineFeed
    const line = text.slice(start, end)
    if (ALIAS_KEY.test(line)) isInside = true
    else if (TOP_LEVEL_KEY.test(line)) isInside = false
    const cutting = isInside ? section : rest
    cutting.take(`${line}\n`, start)
    start = end + 1
  }
  return { section: section.result(), rest: rest.result() }
}

function createCutting() {
  const lines: string[] = []
  const segments: Segment[] = []
  let length = 0
  let nextSource = -1

  function take(line: string, sourceStart: number): void {
    // Neighbours stay one segment.
    if (sourceStart !== nextSource) segments.push({ start: length, sourceStart, isVerbatim: true })
    lines.push(line)
    length += line.length
    nextSource = sourceStart + line.length
  }

  return { take, result: (): RenderedText => ({ text: lines.join(""), segments }) }
}
