import { execFileSync } from "node:child_process"
import { expect, test } from "vitest"
import { tarOf } from "../../scripts/set-up/tar.mjs"

test("tar reads the archive: names, modes and contents, of any size", () => {
  const archive = tarOf([
    { name: "hello", mode: 0o755, content: Buffer.alloc(1000, "x") },
    { name: "empty", mode: 0o600, content: Buffer.alloc(0) },
    { name: "exact", mode: 0o644, content: Buffer.alloc(512, "y") },
  ])

  const list = execFileSync("tar", ["-tv"], { input: archive, encoding: "utf8" })
  const exact = execFileSync("tar", ["-xO", "exact"], { input: archive, encoding: "utf8" })

  expect(
    list
      .split("\n")
      .map((line) => line.replace(/\s+/g, " ").split(" "))
      .map(([mode, , size, , , name]) => [mode, size, name]),
  ).toEqual([
    ["-rwxr-xr-x", "1000", "hello"],
    ["-rw-------", "0", "empty"],
    ["-rw-r--r--", "512", "exact"],
    ["", undefined, undefined],
  ])
  expect(exact).toBe("y".repeat(512))
})
