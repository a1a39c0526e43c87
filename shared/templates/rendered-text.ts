/**
 * Where a piece of a rendered text comes from. Segments cover the text without gaps, in order; the last one ends with the text.
 * `start` and `sourceStart` are offsets in UTF-16 units of the rendered and of the source text. A verbatim segment was copied, so
 * that an offset inside it maps to `sourceStart` plus the distance; any other came out of the action or alias at `sourceStart`.
 */
export type Segment = { start: number; sourceStart: number; isVerbatim: boolean }

/** A text made from another one, with the way back, so that a mistake is shown in what the user wrote. */
export type RenderedText = { text: string; segments: readonly Segment[] }

/** One mistake. Line and column count from 1, in the user's own text. */
export type TextProblem = { message: string; line: number; column: number }
