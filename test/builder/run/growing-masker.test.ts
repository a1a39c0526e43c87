import { expect, test } from "vitest"
import { createGrowingMasker } from "../../../builder/run/growing-masker.ts"

test("secrets that come later are hidden everywhere from then on", () => {
  const maskers = createGrowingMasker(["first-secret"])
  maskers.add(["second-secret"])

  expect(maskers.masker.mask("first-secret second-secret")).toBe("*** ***")
  expect(maskers.open().mask("first-secret second-secret")).toBe("*** ***")
  expect(maskers.maskCause("first-secret second-secret")).toBe("*** ***")
})

test("what one stream does not show is hidden there and in causes, and in no other stream and no line of ours", () => {
  const maskers = createGrowingMasker(["a-secret"])
  const text = "a-secret anything-at-all"

  expect(maskers.open(["anything-at-all"]).mask(text)).toBe("*** ***")
  expect(maskers.maskCause(text)).toBe("*** ***")
  expect(maskers.open().mask(text)).toBe("*** anything-at-all")
  expect(maskers.masker.mask(text)).toBe("*** anything-at-all")
})
