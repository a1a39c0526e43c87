import { expect, test } from "vitest"
import { expandFirstWord } from "../../../../shared/task-file/aliases/expand-first-word.ts"

const aliases = new Map([
  ["bash", "images/bash:1"],
  ["az", "bash"],
])

test.each([
  ["bash echo hi", "images/bash:1 echo hi"],
  ["bash", "images/bash:1"],
  ["  bash -c  'a  b' \n", "images/bash:1 -c  'a  b'"],
  ["az login", "bash login"],
  ["bash\techo", "bash\techo"],
  ["bash:3 echo", "bash:3 echo"],
  ["--rm bash", "--rm bash"],
  ["  other  ", "  other  "],
])("%j is %j", (cmd, expected) => {
  expect(expandFirstWord(cmd, aliases)).toBe(expected)
})
