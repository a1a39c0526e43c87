import type { RenderedText, Segment } from "./rendered-text.ts"
import { LimitReached } from "./template-mistake.ts"
import { wellFormed } from "./values/go-text.ts"

const noValue = "<no value>"

/** Collects what a template writes, and where each piece comes from. */
export function createOutput(maxLength: number) {
  const pieces: string[] = []
  const segments: Segment[] = []
  let length = 0

  /** `sourceStart` is where the text or the action stands in the source. */
  function write(text: string, sourceStart: number, isVerbatim: boolean): void {
    if (text === "") return
    if (length + text.length > maxLength) throw new LimitReached(`the result is too long (limit: ${maxLength})`)
    segments.push({ start: length, sourceStart, isVerbatim })
    pieces.push(text)
    length += text.length
  }

  /** The result without `<no value>`, whoever wrote it: ACR deletes it from the text as a whole. */
  function finish(): RenderedText {
    const text = wellFormed(pieces.join(""))
    const cuts: number[] = []
    for (let at = text.indexOf(noValue); at >= 0; at = text.indexOf(noValue, at + noValue.length)) cuts.push(at)
    return cuts.length === 0 ? { text, segments } : withoutCuts(text, segments, cuts)
  }

  return { write, finish }
}

function withoutCuts(text: string, segments: readonly Segment[], cuts: readonly number[]): RenderedText {
  const kept: Segment[] = []
  let removed = 0
  let next = 0
  segments.forEach((segment, index) => {
    const end = segments[index + 1]?.start ?? text.length
    let start = segment.start
    // A cut may begin in one segment and end in a later one, so what is left of a segment is found piece by piece.
    const previousEnd = next === 0 ? 0 : (cuts[next - 1] ?? 0) + noValue.length
    start = Math.max(start, Math.min(previousEnd, end))
    while (start < end) {
      const cut = cuts[next]
      const stop = cut === undefined ? end : Math.min(cut, end)
      if (start < stop) {
        const sourceStart = segment.isVerbatim ? segment.sourceStart + start - segment.start : segment.sourceStart
        kept.push({ start: start - removed, sourceStart, isVerbatim: segment.isVerbatim })
      }
      if (cut === undefined || cut >= end) break
      removed += noValue.length
      next++
      start = Math.min(cut + noValue.length, end)
    }
  })
  return { text: text.replaceAll(noValue, ""), segments: kept }
}
