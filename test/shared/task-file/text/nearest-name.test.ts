import { expect, test } from "vitest"
import { didYouMean, nearestName } from "../../../../shared/task-file/text/nearest-name.ts"

const known = ["cmd", "build", "push", "when", "retries", "retryDelay", "workingDirectory", "env", "id"]

test.each([
  ["workingdirectory", "workingDirectory"],
  ["workingDirectroy", "workingDirectory"],
  ["retry_delay", "retryDelay"],
  ["buidl", "build"],
  ["CMD", "cmd"],
  ["cmds", "cmd"],
  ["envs", "env"],
  ["wehn", "when"],
  ["zzz", undefined],
  ["dependencies", undefined],
  ["", undefined],
])("%s may have been %s", (name, nearest) => {
  expect(nearestName(name, known)).toBe(nearest)
})

test("the hint is a sentence, or nothing", () => {
  expect(didYouMean("buidl", known)).toBe(" Did you mean build?")
  expect(didYouMean("zzz", known)).toBe("")
})
