import { expect, test } from "vitest"
import { nearNames } from "../../../builder/context/near-names.ts"

test.each([
  ["mian", ["main", "develop", "release/1"], ["main"]],
  ["Main", ["main"], ["main"]],
  ["login", ["feature/login", "feature/logout"], ["feature/login"]],
  ["v1.0", ["v1.0.0", "v1.1", "v2.0", "v1.2"], ["v1.1", "v1.2", "v2.0"]],
  ["master", ["main", "x".repeat(5000)], []],
  ["x", [], []],
])("near %s of %j is %j", (wanted, names, near) => {
  expect(nearNames(wanted, names)).toEqual(near)
})
