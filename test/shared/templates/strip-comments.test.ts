import { describe, expect, test } from "vitest"
import { stripComments } from "../../../shared/templates/strip-comments.ts"

describe("stripComments", () => {
  test.each([
    ["# a\nversion: v1.1.0\n  # b\nsteps:\n", "version: v1.1.0\nsteps:\n"],
    ["a: 1 # stays\n#gone", "a: 1 # stays\n"],
    ["a: 1\r\n# gone\r\nb: 2\r\n", "a: 1\r\nb: 2\r\n"],
    ["", ""],
    ["# only", ""],
    ['a: "x\n  # gone\n  y"\n', 'a: "x\n  y"\n'],
  ])("deletes comment lines of %j", (text, expected) => {
    expect(stripComments(text).text).toBe(expected)
  })

  test.each([
    ["a shebang", "steps:\n  - cmd: |\n      #!/bin/sh\n      echo hi\n"],
    ["a comment in a script", "- cmd: |\n    echo a\n    # b\n    echo c\n"],
    ["a folded scalar", "cmd: >-\n  a\n  # b\n"],
    ["an indicator of the indent", "cmd: |2\n    a\n  # b\n"],
    ["a comment behind the header", "cmd: | # script\n  # b\n"],
    ["a scalar in a list", "push:\n- |\n  # b\n"],
    ["a quoted key, a tag, an anchor", '"a b": !!str &x |\n  # b\n'],
    ["blank lines before", "cmd: |\n\n  # b\n"],
  ])("keeps what belongs to a block scalar: %s", (_name, text) => {
    expect(stripComments(text).text).toBe(text)
  })

  test.each([
    ["less indented than the script", "- cmd: |\n    a\n  # gone\n    b\n", "- cmd: |\n    a\n    b\n"],
    ["at the margin", "- cmd: |\n    a\n# gone\n    b\n", "- cmd: |\n    a\n    b\n"],
    ["behind the scalar", "- cmd: |\n    a\n- cmd: b\n    # gone\n", "- cmd: |\n    a\n- cmd: b\n"],
    ["before an empty scalar's sibling", "a: |\n# gone\nb: 1\n", "a: |\nb: 1\n"],
    ["behind a pipe that is no header", "cmd: a |\n  # gone\n", "cmd: a |\n"],
  ])("deletes a comment line %s", (_name, text, expected) => {
    expect(stripComments(text).text).toBe(expected)
  })

  test("leads back to the source", () => {
    const { text, segments } = stripComments("a: 1\n# gone\nb: 2\n# gone\n# gone\nc: 3\n")

    expect(text).toBe("a: 1\nb: 2\nc: 3\n")
    expect(segments).toEqual([
      { start: 0, sourceStart: 0, isVerbatim: true },
      { start: 5, sourceStart: 12, isVerbatim: true },
      { start: 10, sourceStart: 31, isVerbatim: true },
    ])
  })
})
