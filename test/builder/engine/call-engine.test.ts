import { expect, test } from "vitest"
import { callEngine } from "../../../builder/engine/call-engine.ts"
import { MAX_LINE_BYTES } from "../../../builder/engine/line-splitter.ts"
import { createProcessRunner } from "../../../builder/engine/run-process.ts"

test("a line in pieces is shown as such, and only its beginning is kept to explain a failure", async () => {
  const runner = createProcessRunner({ env: { PATH: "/usr/bin:/bin" }, wrap: (call) => call })
  const shown: [number, boolean | undefined][] = []
  const script = `printf 'Error: %0${MAX_LINE_BYTES}d\\nlast\\n' 7 >&2; exit 1`

  const { lines } = await callEngine(runner, { command: "/bin/sh", args: ["-c", script] }, (line, _stream, isPiece) =>
    shown.push([line.length, isPiece]),
  )

  expect(shown).toEqual([
    [MAX_LINE_BYTES, true],
    ["Error: ".length, false],
    ["last".length, false],
  ])
  expect(lines.map(({ line }) => line.slice(0, 7))).toEqual(["Error: ", "last"])
})
