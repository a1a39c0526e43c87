import { readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"
import { z } from "zod"
import { ContextCase, contextRules, runContextCase } from "../../conformance/run-context-case.ts"

const { cases } = z
  .object({ cases: z.array(ContextCase) })
  .parse(JSON.parse(readFileSync(new URL("../../data/conformance/contexts.json", import.meta.url), "utf8")))

describe("the 76 cases of ACR's own contexts", () => {
  test.each(cases)("$id gives what ACR gives, or what a named rule says instead", (input) => {
    const { actual, expected } = runContextCase(input)

    expect(actual).toEqual(expected)
  })

  test("every deviation is one: ACR gives something else", () => {
    const idle = cases.filter((input) => {
      const { rule, acr, expected } = runContextCase(input)
      return rule !== undefined && JSON.stringify(acr) === JSON.stringify(expected)
    })

    expect(idle).toEqual([])
    expect(cases).toHaveLength(76)
  })

  test("each rule says why", () => {
    expect(contextRules.filter(({ reason }) => reason.length < 20)).toEqual([])
  })
})
