import { expect, test } from "vitest"
import { decodeTaskFile, MAX_TASK_FILE_BYTES } from "../../../shared/task-file/decode-task-file.ts"

const bytes = (...parts: (string | number[])[]) =>
  new Uint8Array(Buffer.concat(parts.map((part) => Buffer.from(part as string))))

test("a byte order mark and CRLF are nothing to the user", () => {
  expect(decodeTaskFile(bytes([0xef, 0xbb, 0xbf], "a: b\r\nc: ü\r\n"))).toEqual({ ok: true, text: "a: b\nc: ü\n" })
})

test.each([
  ["a wrong byte", bytes("a: b\nc: üx", [0xff], "\n"), 2, 6, "byte 0xff"],
  ["a cut character", bytes("a: ", [0xe2, 0x82]), 1, 4, "byte 0xe2"],
  ["a byte that continues nothing", bytes([0x80], "a"), 1, 1, "byte 0x80"],
  ["latin 1", bytes("ok\n", "caf", [0xe9], ": x"), 2, 4, "byte 0xe9"],
])("%s is told with its place", (_, file, line, column, what) => {
  expect(decodeTaskFile(file)).toEqual({
    ok: false,
    problems: [{ line, column, message: expect.stringContaining(what) }],
  })
})

test("UTF-16 is named", () => {
  expect(decodeTaskFile(bytes([0xff, 0xfe, 0x61, 0]))).toMatchObject({
    ok: false,
    problems: [{ message: expect.stringContaining("UTF-16") }],
  })
})

test("a file above the limit is refused without being decoded", () => {
  expect(decodeTaskFile(new Uint8Array(MAX_TASK_FILE_BYTES))).toMatchObject({ ok: true })
  expect(decodeTaskFile(new Uint8Array(10 * 1024 * 1024))).toMatchObject({
    ok: false,
    problems: [{ message: expect.stringContaining("the limit is 1048576") }],
  })
})
