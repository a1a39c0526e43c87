import { expect, test } from "vitest"
import { composeSegments, sourceOffset, verbatim } from "../../../../shared/task-file/text/segments.ts"

// source "abcdef", of which "bc" was cut out and "ef" became "XYZ"
const earlier = {
  text: "adXYZ",
  segments: [
    { start: 0, sourceStart: 0, isVerbatim: true },
    { start: 1, sourceStart: 3, isVerbatim: true },
    { start: 2, sourceStart: 4, isVerbatim: false },
  ],
}

test("an offset leads back to its place, one in a made piece to where that came from", () => {
  const offsets = [0, 1, 2, 3, 4, 5].map((offset) => sourceOffset(earlier.segments, offset))

  expect(offsets).toEqual([0, 3, 4, 4, 4, 4])
})

test("a text is its own source", () => {
  expect(sourceOffset(verbatim("abc").segments, 2)).toBe(2)
  expect(sourceOffset([], 2)).toBe(0)
})

test("two passes lead back through both", () => {
  // "dXY" copied twice, with "!" made of the Z in between
  const later = {
    text: "dXY!dXY",
    segments: [
      { start: 0, sourceStart: 1, isVerbatim: true },
      { start: 3, sourceStart: 4, isVerbatim: false },
      { start: 4, sourceStart: 1, isVerbatim: true },
    ],
  }

  const { text, segments } = composeSegments(later, earlier)

  expect(text).toBe("dXY!dXY")
  expect([0, 1, 2, 3, 4, 5, 6].map((offset) => sourceOffset(segments, offset))).toEqual([3, 4, 4, 4, 3, 4, 4])
})

test("a text of very many pieces is composed", () => {
  const many = Array.from({ length: 300_000 }, (_, start) => ({ start, sourceStart: 2 * start, isVerbatim: true }))
  const earlierText = { text: "a".repeat(300_000), segments: many }

  const { segments } = composeSegments(verbatim(earlierText.text), earlierText)

  expect(segments).toEqual(many)
})
