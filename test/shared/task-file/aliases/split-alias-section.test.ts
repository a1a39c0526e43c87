import { expect, test } from "vitest"
import { splitAliasSection } from "../../../../shared/task-file/aliases/split-alias-section.ts"
import { sourceOffset } from "../../../../shared/task-file/text/segments.ts"

test("a section goes from its key to the next key at column 0", () => {
  const { section, rest } = splitAliasSection("version: v1.1.0\nalias:\n  values: {a: 1}\n\nsteps: []\n")

  expect(section.text).toBe("alias:\n  values: {a: 1}\n\n")
  expect(rest.text).toBe("version: v1.1.0\nsteps: []\n")
})

test("several sections are one, neighbours too", () => {
  const { section, rest } = splitAliasSection("alias:\n  a: 1\nalias :\n  b: 2\nx: y\nalias: {c: 3}\nz: z")

  expect(section.text).toBe("alias:\n  a: 1\nalias :\n  b: 2\nalias: {c: 3}\n")
  expect(rest.text).toBe("x: y\nz: z\n")
})

test("an indented key, a longer one and a list item begin and end nothing", () => {
  const text = "aliases:\n  alias: 1\nsteps:\n- alias: a\n"

  expect(splitAliasSection(text)).toMatchObject({ section: { text: "" }, rest: { text } })
})

test("both parts lead back to the text", () => {
  const text = "a: 1\nalias:\n  b: 2\nc: 3\n"

  const { section, rest } = splitAliasSection(text)

  expect(sourceOffset(section.segments, section.text.indexOf("b:"))).toBe(text.indexOf("b:"))
  expect(sourceOffset(rest.segments, rest.text.indexOf("c:"))).toBe(text.indexOf("c:"))
})
