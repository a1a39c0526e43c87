import { expect, test } from "vitest"
import { isTaskFile } from "../../../shared/task-file/is-task-file.ts"

test.each([
  ["acb.yaml", true],
  ["ci/ACB.YML", true],
  ["build.sh", true],
  ["Dockerfile", false],
  ["app/Dockerfile.prod", false],
  ["app.dockerfile", false],
  ["yaml", false],
])("%s is a task file: %s", (path, expected) => {
  expect(isTaskFile(path)).toBe(expected)
})
