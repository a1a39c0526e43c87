import { expect, test } from "vitest"
import { logTime } from "../../cli/log-time.ts"

test("a line of ours begins with the local time as acb writes it", () => {
  expect(logTime(new Date(2026, 0, 2, 3, 4, 5))).toBe("2026/01/02 03:04:05")
})
