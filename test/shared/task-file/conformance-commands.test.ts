import { readFileSync } from "node:fs"
import { isDeepStrictEqual } from "node:util"
import { describe, expect, test } from "vitest"
import { z } from "zod"
import { CommandCase, commandNameRules, commandRules, runCommandCase } from "../../conformance/run-command-case.ts"

const { cases } = z
  .object({ cases: z.array(CommandCase) })
  .parse(JSON.parse(readFileSync(new URL("../../data/conformance/commands.json", import.meta.url), "utf8")))

describe("the 57 command texts that acb was run with", () => {
  test.each(cases)("$id gives what ACR gives, or what a named rule says instead", async (input) => {
    const { passed, detail } = await runCommandCase(input)

    expect(passed, detail).toBe(true)
  })

  test("every case that differs from ACR has its rule", async () => {
    const outcomes = await Promise.all(cases.map(runCommandCase))
    const deviating = outcomes.filter(({ actual, acr }) => !isDeepStrictEqual(actual, acr))

    expect(deviating.filter(({ rule }) => rule === undefined)).toEqual([])
    expect(new Set(deviating.map(({ rule }) => rule))).toEqual(
      new Set([
        "a-run-has-a-registry",
        "docker-reads-build-texts",
        "tags-are-image-names",
        "a-shell-reads-what-needs-one",
        "there-is-no-standard-input",
        "any-repository-has-folders",
        "no-git-protocol",
        "the-workspace-is-not-left",
      ]),
    )
    expect(cases).toHaveLength(57)
  })

  test("rules and readings say why", () => {
    const reasons = [...commandRules.map(({ reason }) => reason), ...Object.values(commandNameRules)]

    expect(reasons.every((reason) => reason.length > 20)).toBe(true)
  })
})

describe("what the rules say of texts that are not among the cases", () => {
  test.each([
    ["one-context", "build-cmd", [". sub"], { context: "sub", tags: [] }],
    ["a-host-is-a-registry", "prefix-tags", ["build -t library/a . -t b.io/a:1", "r.io", "r.io"], { tags: [] }],
    ["options-come-before-the-image", "image-name", ["--rm -e A=b alpine sh"], { image: "--rm" }],
  ])("%s", async (rule, kind, input, acr) => {
    const outcome = await runCommandCase(CommandCase.parse({ id: rule, kind, input, expect: acr }))

    expect(outcome.detail).toBe("")
    expect(outcome.rule).toBe(rule)
  })
})
