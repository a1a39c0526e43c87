import { expect, test } from "vitest"
import { createGrowingMasker } from "../../../builder/run/growing-masker.ts"

test("secrets that come later are hidden everywhere from then on", () => {
  const maskers = createGrowingMasker(["first-secret"])
  maskers.add(["second-secret"])

  expect(maskers.masker.mask("first-secret second-secret")).toBe("*** ***")
  expect(maskers.open().mask("first-secret second-secret")).toBe("*** ***")
})

test("build arguments are hidden where the engine prints, secret ones by their name everywhere", () => {
  const maskers = createGrowingMasker([])
  maskers.addArguments([
    { name: "NPM_TOKEN", value: "hunter2token" },
    { name: "MODE", value: "anything-at-all" },
    { name: "VERSION", value: "1.22.333" },
  ])
  const text = "hunter2token anything-at-all 1.22.333"

  expect(maskers.open().mask(text)).toBe("*** *** 1.22.333")
  expect(maskers.masker.mask(text)).toBe("*** anything-at-all 1.22.333")
})
