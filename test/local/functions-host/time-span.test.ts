import { expect, it } from "vitest"
import { parseTimeSpan } from "../../../local/functions-host/time-span.ts"

it.each([
  ["00:05:00", 300_000],
  ["00:00:00.50", 500],
  ["1.02:03:04", 93_784_000],
  ["10:30", 37_800_000],
])("%s is %i ms", (text, milliseconds) => {
  expect(parseTimeSpan(text)).toBe(milliseconds)
})

it.each(["", "5", "00:60:00", "24:00:00", "00:00:60", "-00:00:01", "00:00:00.12345678"])(
  "%s is no time span",
  (text) => {
    expect(parseTimeSpan(text)).toBeUndefined()
  },
)
