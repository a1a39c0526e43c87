import { expect, test } from "vitest"
import { createLineReader } from "../../../builder/shell/line-reader.ts"

test("lines come whole, however they are cut", () => {
  expect(linesOf("12\n3", "4\n\n5", "6", "\n7")).toEqual(["12", "34", "", "56"])
})

test("a line that is too long comes as an empty one, and the next is whole again", () => {
  expect(linesOf("123456\n1234567\n12", "3456", "7\n1234", "56\n")).toEqual(["123456", "", "", "123456"])
})

test("a line that never ends takes no memory", () => {
  const lines: string[] = []
  const read = createLineReader(6, (line) => lines.push(line))
  const flood = Buffer.alloc(1024 * 1024, "1")

  for (let round = 0; round < 1024; round += 1) read(flood)
  read(Buffer.from("\n12\n"))

  expect(lines).toEqual(["", "12"])
})

function linesOf(...chunks: string[]): string[] {
  const lines: string[] = []
  const read = createLineReader(6, (line) => lines.push(line))
  for (const chunk of chunks) read(Buffer.from(chunk))
  return lines
}
