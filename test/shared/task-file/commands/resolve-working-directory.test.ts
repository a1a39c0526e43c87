import { expect, test } from "vitest"
import { resolveWorkingDirectory } from "../../../../shared/task-file/commands/resolve-working-directory.ts"

test.each([
  ["", "/workspace"],
  [".", "/workspace"],
  ["src", "/workspace/src"],
  ["src/../lib/", "/workspace/lib"],
  ["a/../..", undefined],
  ["../workspace/x", "/workspace/x"],
  ["../workspacex", undefined],
  ["/", "/"],
  ["/abs/../x/", "/x"],
  ["/..", "/"],
])("%j is %s", (text, path) => {
  expect(resolveWorkingDirectory(text)).toBe(path)
})
