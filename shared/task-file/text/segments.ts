import type { RenderedText, Segment } from "../../templates/rendered-text.ts"

/** A text that is its own source. */
export function verbatim(text: string): RenderedText {
  return { text, segments: [{ start: 0, sourceStart: 0, isVerbatim: true }] }
}

/** Where in the source an offset of the rendered text comes from. Offsets are UTF-16 units; no segments: the beginning. */
export function sourceOffset(segments: readonly Segment[], offset: number): number {
  const segment = segments[segmentAt(segments, offset)]
  if (segment === undefined) return 0
  return segment.isVerbatim ? segment.sourceStart + offset - segment.start : segment.sourceStart
}

/**
 * Joins two passes: `later` was made from `earlier.text`; the result is `later.text` with the way back to what `earlier` was made
 * from. Linear in the number of segments.
 */
export function composeSegments(later: RenderedText, earlier: RenderedText): RenderedText {
  const segments: Segment[] = []
  later.segments.forEach((segment, index) => {
    const end = later.segments[index + 1]?.start ?? later.text.length
    if (segment.isVerbatim) addPieces(segments, segment, end - segment.start, earlier.segments)
    else segments.push({ ...segment, sourceStart: sourceOffset(earlier.segments, segment.sourceStart) })
  })
  return { text: later.text, segments }
}

/** A copied piece of a text that was itself put together from pieces. */
function addPieces(pieces: Segment[], copied: Segment, length: number, earlier: readonly Segment[]): void {
  const first = segmentAt(earlier, copied.sourceStart)
  for (let index = Math.max(first, 0); index < earlier.length; index++) {
    const piece = earlier[index]
    if (piece === undefined || (index > first && piece.start >= copied.sourceStart + length)) break
    const from = Math.max(piece.start, copied.sourceStart)
    pieces.push({
      start: copied.start + from - copied.sourceStart,
      sourceStart: piece.isVerbatim ? piece.sourceStart + from - piece.start : piece.sourceStart,
      isVerbatim: piece.isVerbatim,
    })
  }
}

/** Index of the last segment that begins at or before the offset; −1 when there is none. */
function segmentAt(segments: readonly Segment[], offset: number): number {
  let low = 0
  let high = segments.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((segments[middle]?.start ?? 0) <= offset) low = middle + 1
    else high = middle
  }
  return low - 1
}
