// biome-ignore-all lint/suspicious/noTemplateCurlyInString: a directive is a dollar
import { describe, expect, test } from "vitest"
import { replaceAliases } from "../../../../shared/task-file/aliases/replace-aliases.ts"
import { sourceOffset } from "../../../../shared/task-file/text/segments.ts"

const aliases = new Map([
  ["a", "A"],
  ["ab", "AB"],
  ["self", "$a $self"],
  ["long", "1\n2"],
])
const replaced = (text: string, directive = "$") => replaceAliases(text, aliases, directive)?.text

describe("aliases are replaced in a text", () => {
  test.each([
    ["$a", "A"],
    ["x$a/$ab.", "xA/AB."],
    ["$a$ab$a", "AABA"],
    ["$abc $a_ $a-", "$abc A_ A-"],
    ["${a}", "${a}"],
    ["$A", "$A"],
    ["$$a", "$a"],
    ["$$$a", "$A"],
    ["$$$$", "$$"],
    ["$ a$ $.a $", "$ a$ $.a $"],
    ["$nope $nope$a $a", "$nope $nope$a A"],
    ["$nope$$a", "$nope$A"],
    ["$self", "$a $self"],
    ["$long", "1\n2"],
    ["$aü $a🐳", "Aü A🐳"],
    ["", ""],
  ])("%j is %j", (text, expected) => {
    expect(replaced(text)).toBe(expected)
  })

  test("any other character may mark them", () => {
    expect(replaced("🐳a $a 🐳🐳a", "🐳")).toBe("A $a 🐳a")
    expect(replaced("%a%ab", "%")).toBe("AAB")
  })
})

test("the result leads back: copied text to itself, values to what named them", () => {
  const text = "x $long y $$z"

  const { text: result, segments } = replaceAliases(text, aliases, "$") ?? { text: "", segments: [] }

  expect(result).toBe("x 1\n2 y $z")
  expect(["x", "1", "2", "y", "$z", "z"].map((piece) => sourceOffset(segments, result.indexOf(piece)))).toEqual([
    0, 2, 2, 8, 11, 12,
  ])
})

test("a result without bounds is none", () => {
  const huge = new Map([["a", "x".repeat(100_000)]])

  expect(replaceAliases("$a ".repeat(50), huge, "$")).toBeUndefined()
})
