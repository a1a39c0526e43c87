import { expect, test } from "vitest"
import { createPositions } from "../../../../shared/task-file/text/positions.ts"

test("lines and columns count from 1 and lead back", () => {
  const { at, offsetOf } = createPositions("ab\n\ncd")

  expect([0, 1, 2, 3, 4, 6].map(at)).toEqual([
    { line: 1, column: 1 },
    { line: 1, column: 2 },
    { line: 1, column: 3 },
    { line: 2, column: 1 },
    { line: 3, column: 1 },
    { line: 3, column: 3 },
  ])
  expect([0, 1, 2, 3, 4, 6].map((offset) => offsetOf(at(offset)))).toEqual([0, 1, 2, 3, 4, 6])
})

test("what is outside of the text is its nearest end", () => {
  const { at, offsetOf } = createPositions("ab\nc")

  expect([at(-1), at(99)]).toEqual([
    { line: 1, column: 1 },
    { line: 2, column: 2 },
  ])
  expect([offsetOf({ line: 0, column: 0 }), offsetOf({ line: 9, column: 9 })]).toEqual([0, 4])
})
