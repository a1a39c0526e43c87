import { describe, expect, test } from "vitest"
import { parseYaml } from "../../../../shared/task-file/yaml/parse-yaml.ts"

const words = (text: string) => parseYaml(text).problems.map(({ message, offset }) => `${offset} ${message}`)

describe("mistakes are told in acb's words, at their place", () => {
  test.each([
    ["a:\n\t- b\n", "3 yaml: found character that cannot start any token"],
    ["a: b: c\n", "3 yaml: mapping values are not allowed in this context"],
    ["version 1\nsteps:\n", "0 yaml: mapping values are not allowed in this context"],
    ["- a: b\n c\n", "7 yaml: did not find expected key"],
    ["a: @b\n", "3 yaml: found character that cannot start any token"],
    ['a: "\\q"\n', "4 yaml: found unknown escape character"],
    ['a: "b\n', "6 yaml: did not find expected key"],
    ["a: \u0007\n", "3 yaml: control characters are not allowed: remove U+0007."],
  ])("%j", (text, expected) => {
    expect(words(text)).toEqual([expect.stringContaining(expected)])
  })

  test("each line once, and of many only some", () => {
    expect(words("a: b: c: d\n".repeat(3))).toHaveLength(3)
    expect(words("a: @b\n".repeat(100))).toHaveLength(20)
  })
})

test("only the first document is read, whatever is behind it", () => {
  expect(parseYaml("a: b\n---\n{[\n").problems).toEqual([])
})

test("an empty text has no root and no problem", () => {
  expect(parseYaml("")).toEqual({ root: undefined, problems: [] })
  expect(parseYaml("# nothing\n").problems).toEqual([])
})

test.each([
  ["lists in a line", "[".repeat(100_000)],
  ["maps in a line", "{a: ".repeat(50_000)],
  ["dashes in a line", "- ".repeat(50_000)],
  ["question marks in a line", "? ".repeat(50_000)],
  ["ever deeper keys", Array.from({ length: 500 }, (_, depth) => `${" ".repeat(depth)}a:`).join("\n")],
])("what is nested too deeply is a mistake: %s", (_, text) => {
  expect(words(text)).toEqual([expect.stringContaining("nested too deeply")])
})
