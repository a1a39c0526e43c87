import { expect, test } from "vitest"
import { problemLine } from "../../../../shared/task-file/text/problem-line.ts"

test("a problem is one line with its file, line and column in front", () => {
  expect(problemLine("acb.yaml", { message: "wrong:\n  here", line: 12, column: 5 })).toBe("acb.yaml:12:5: wrong: here")
})
