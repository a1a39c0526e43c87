import { expect, test } from "vitest"
import { createLineSplitter, MAX_LINE_BYTES } from "../../../builder/engine/line-splitter.ts"

function split(...chunks: (string | Buffer)[]): string[] {
  const lines: string[] = []
  const splitter = createLineSplitter((line) => lines.push(line))
  for (const chunk of chunks) splitter.write(Buffer.from(chunk))
  splitter.end()
  return lines
}

test("LF, CRLF and a lone CR end a line, wherever the chunks are cut", () => {
  expect(split("a\nb\r\nc\rd", "e\r", "\nf\r", "g\n\n")).toEqual(["a", "b", "c", "de", "f", "g", ""])
})

test("a last line without an end is handed out, an empty rest is not", () => {
  expect(split("a\nb")).toEqual(["a", "b"])
  expect(split("a\n")).toEqual(["a"])
  expect(split()).toEqual([])
})

test("characters cut by chunks stay whole and bytes that are no UTF-8 become U+FFFD", () => {
  const text = Buffer.from("é€😀\n")

  expect(split(...[...text].map((byte) => Buffer.from([byte])))).toEqual(["é€😀"])
  expect(split(Buffer.from([0x61, 0xff, 0x0a]), "b\n")).toEqual(["a\uFFFD", "b"])
})

test("a line without end comes in pieces that no character is cut by, however it arrives", () => {
  const text = "é".repeat(MAX_LINE_BYTES)

  for (const size of [1_000_000, 777, 65_537]) {
    const bytes = Buffer.from(`x${text}`)
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
      bytes.subarray(at * size, (at + 1) * size),
    )
    const lines = split(...chunks)

    expect(lines.join("")).toBe(`x${text}`)
    expect(Math.max(...lines.map((line) => Buffer.byteLength(line)))).toBeLessThanOrEqual(MAX_LINE_BYTES)
    expect(lines.length).toBeLessThanOrEqual(4)
  }
})

test("continuation bytes without end do not stop it", () => {
  const lines = split(Buffer.alloc(3 * MAX_LINE_BYTES, 0x80))

  expect(lines.join("")).toHaveLength(3 * MAX_LINE_BYTES)
})

test("a piece is told from a line, also from one that is exactly as long", () => {
  const pieces: boolean[] = []
  const splitter = createLineSplitter((_line, isPiece) => pieces.push(isPiece))

  splitter.write(Buffer.from(`${"x".repeat(MAX_LINE_BYTES)}\n${"y".repeat(2 * MAX_LINE_BYTES)}\nz`))
  splitter.end()

  expect(pieces).toEqual([false, true, false, false])
})
