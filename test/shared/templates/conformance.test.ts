import { readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"
import { z } from "zod"
import { builtinFunctions } from "../../../shared/templates/library/builtin-functions.ts"
import { sprigFunctions } from "../../../shared/templates/library/sprig-functions.ts"
import {
  runTemplateCase,
  TemplateCase,
  type TemplateOutcome,
  templateRules,
} from "../../conformance/run-template-case.ts"

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../data/conformance/${name}.json`, import.meta.url), "utf8"))
const { cases } = z.object({ cases: z.array(TemplateCase) }).parse(read("templates"))
const sprig = z.array(z.object({ Name: z.string(), Sig: z.string() })).parse(read("sprig-functions"))
const misc = z.object({ go_template_builtins: z.array(z.string()) }).parse(read("misc"))

/** What each rule changes. A rule is on the input, so this list only shows which cases it is about. */
const deviations: Record<string, Record<string, TemplateOutcome | { error: RegExp }>> = {
  "values-may-nest": { "values-nested": { output: "gold" }, "values-list-of-maps": { output: "ca1" } },
  "scripts-keep-their-comments": {
    "comment-in-block-scalar": { output: "steps:\n  - cmd: |\n      bash -c '\n      # lost\n      echo hi'\n" },
  },
  "yaml-in-our-words": {
    "values-bad-yaml": { error: /failed to deserialize values/ },
    "values-list-root": { error: /failed to deserialize values/ },
  },
  "vault-urls-are-checked": {
    "t-secrets-secret-in-secret": { error: /secret with ID: a: keyvault is no URL of a Key Vault secret/ },
  },
  "mistakes-of-secrets-together": {
    "t-secrets-dup": { error: /duplicate secret found with ID: a/ },
    "t-secrets-space": { error: /failed to validate secret with ID: a b: secret ID cannot contain spaces/ },
    "t-secrets-clientid-only": { error: /secret with ID: a: secret should contain either keyvault property/ },
  },
}

describe("the 231 cases of ACR's own templates", () => {
  test.each(cases)("$id gives what ACR gives, or what a named rule says instead", async (input) => {
    const rule = templateRules.find(({ expects }) => expects(input) !== undefined)

    const actual = await runTemplateCase(input)
    const expected = rule === undefined ? input.expect : deviations[rule.rule]?.[input.id]

    if (expected?.error instanceof RegExp) expect(actual.error).toMatch(expected.error)
    else if (expected?.error === undefined) expect(actual).toEqual(expected)
    else expect(comparable(actual.error ?? "")).toEqual(comparable(expected.error))
  })

  test("every rule is about the cases that are listed for it, and ACR gives something else there", () => {
    const found = templateRules.map(({ rule, expects }) => [
      rule,
      cases.filter((input) => expects(input) !== undefined).map(({ id }) => id),
    ])

    expect(Object.fromEntries(found)).toEqual(
      Object.fromEntries(Object.entries(deviations).map(([rule, list]) => [rule, Object.keys(list)])),
    )
    expect(cases).toHaveLength(231)
  })
})

describe("the functions", () => {
  test("are sprig's 150, with the signatures that Go prints", () => {
    const ours = Object.entries(sprigFunctions).map(([name, { signature }]) => ({ Name: name, Sig: signature }))

    expect(ours.toSorted(byName)).toEqual(sprig.toSorted(byName))
  })

  test("of Go's templates are all there", () => {
    const names = [...Object.keys(builtinFunctions), "break", "continue", "slice (shadowed by sprig's slice)"]

    expect(names.toSorted()).toEqual(misc.go_template_builtins.toSorted())
  })
})

function byName(left: { Name: string }, right: { Name: string }): number {
  return left.Name < right.Name ? -1 : 1
}

/** Go's message without what we have elsewhere: the names of file and template, and the line, which the problem has itself. */
function comparable(message: string): string {
  return message.replace(/ t\. Err: template: t:\d+(?::\d+: executing "t" at)?:?/, "")
}
