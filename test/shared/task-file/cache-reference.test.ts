import { expect, test } from "vitest"
import { cacheReferenceOf } from "../../../shared/task-file/cache-reference.ts"

test.each([
  [["app:1"], "r.io/app:cache_quickrun_s"],
  [["team/app:1"], "r.io/team/app:cache_quickrun_s"],
  [["other.io/app:1"], "other.io/app:cache_quickrun_s"],
  [["app", "other.io:5000/x/y", "third.io/z"], "other.io:5000/x/y:cache_quickrun_s"],
  [["localhost/app"], "localhost/app:cache_quickrun_s"],
  [["docker.io/me/app:2"], "docker.io/me/app:cache_quickrun_s"],
  [[], undefined],
  [["A B"], undefined],
])("tags %j are cached at %s", (tags, reference) => {
  expect(cacheReferenceOf({ tags, registry: "r.io", stepId: "s" })).toBe(reference)
})

test("the task's name is a part of it", () => {
  expect(cacheReferenceOf({ tags: ["app"], registry: "r.io", taskName: "nightly", stepId: "s1" })).toBe(
    "r.io/app:cache_nightly_s1",
  )
})

test("there is none where the name would be none", () => {
  expect(cacheReferenceOf({ tags: ["app"], registry: "r.io", stepId: "ünï" })).toBeUndefined()
  expect(cacheReferenceOf({ tags: ["app"], registry: "r.io", stepId: "x".repeat(130) })).toBeUndefined()
  expect(cacheReferenceOf({ tags: ["app"], registry: "", stepId: "s" })).toBeUndefined()
})
