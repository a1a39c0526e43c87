import { readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"
import { z } from "zod"
import { ContextCase, contextNameRules, contextRules, runContextCase } from "../../conformance/run-context-case.ts"

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

  test.each<[ContextCase["kind"], string, Record<string, unknown>]>([
    ["context", "https://github.com/u/r.git#a#b", { kind: "git", ref: "a#b", remote: "https://github.com/u/r.git" }],
    ["context", "https://dev.azure.com/o/p/_git/r?path=x", { kind: "http-archive" }],
    ["context", "http://org.visualstudio.com/p/_git/r", { kind: "http-archive" }],
    ["context", "https://github.com/u/r.zip", { kind: "problem" }],
    ["context", "ssh://git@h/r.git#b:d", { kind: "git", remote: "ssh://git@h/r.git", ref: "b", subdir: "d" }],
    ["context", "git@", { kind: "problem" }],
    ["context", "https://github.com/u/r.git#a b", { kind: "problem" }],
    ["context", "../x", { kind: "local" }],
  ])("%s %s is read as its rule says", (kind, input, expected) => {
    const { actual } = runContextCase({ id: input, kind, input: [input], expect: {} })

    expect(actual).toMatchObject(expected)
  })

  test("each rule says why", () => {
    expect(contextRules.filter(({ reason }) => reason.length < 20)).toEqual([])
    expect(Object.keys(contextNameRules)).toEqual(["hub-name", "artifact-in-full", "one-problem"])
  })
})
