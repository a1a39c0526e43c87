import { expect, test } from "vitest"
import { cacheNamespace } from "../../../builder/engine/cache-namespace.ts"

test("a repository's namespace is its own, holds no slash and is the same in each run", () => {
  const team = cacheNamespace("own.io", "r.io/team", "a", true)

  expect(team).toMatch(/^repository-[0-9a-f]{64}$/)
  expect(cacheNamespace("own.io", "r.io/team", "b", true)).toBe(team)
  expect(cacheNamespace("own.io", "r.io/team/app", "a", true)).not.toBe(team)
  expect(cacheNamespace("other.io", "r.io/team", "a", true)).not.toBe(team)
})

test("what may not push shares its caches with no other run", () => {
  expect(cacheNamespace("own.io", "r.io/team", "a", false)).toBe("run-a")
  expect(cacheNamespace("own.io", undefined, "a", true)).toBe("run-a")
})
