import { describe, expect, test } from "vitest"
import { mergeValues } from "../../../shared/templates/merge-values.ts"
import { readSetValues } from "../../../shared/templates/read-set-values.ts"
import { readValues } from "../../../shared/templates/read-values.ts"
import { renderTemplate } from "../../../shared/templates/render-template.ts"
import { templateRoots } from "../../../shared/templates/template-roots.ts"
import type { GoMap } from "../../../shared/templates/values/go-value.ts"

const options = { now: () => new Date(), environment: {} }

describe("the roots", () => {
  test("are the run, the values, the secrets and the build", () => {
    const roots = templateRoots({
      run: { ID: "ca1", OS: "linux" },
      values: valuesIn("a: {b: 1}"),
      secrets: { key: "s3cret" },
    })

    expect(render("{{.Run.OS}} {{.Build.ID}} {{.Values.a.b}} {{.Secrets.key}} {{.Secrets.nope}}", roots)).toBe(
      "linux ca1 1 s3cret ",
    )
    expect(render("{{.RunJSON}} {{.ValuesJSON}}", roots)).toBe(`'{"ID":"ca1","OS":"linux"}' '{"a":{"b":1}}'`)
  })
})

describe("values", () => {
  test("of a later source win, map by map, and its nulls take keys away", () => {
    const merged = mergeValues(
      valuesIn("a: {x: 1, y: 2}\nb: 1\nc: 1\nd: {e: 1}"),
      valuesIn("a: {y: 3, z: 4}\nb: null\nd: 5\nf: null"),
    )

    expect(render("{{.}}", { V: merged })).toBe("map[V:map[a:map[x:1 y:3 z:4] c:1 d:5 f:<nil>]]")
  })

  test("of --set are texts, divided at the first equals sign", () => {
    const read = readSetValues(["a=b=c", "n=1", "n=2", "x.y="])

    expect(read.ok && [...read.values.entries]).toEqual([
      ["a", "b=c"],
      ["n", "2"],
      ["x.y", ""],
    ])
    expect(readSetValues(["=x"])).toEqual({
      ok: false,
      problem: "failed to parse --set data; expected a key=val format",
    })
  })

  test.each([
    ["a: 1\nb: [", 2, /flow/i],
    ["- a", 1, /no map/],
    ["a: 1\nb: *x", 2, /anchor/i],
    ["a: &a [*a]", 1, /too large|nested|anchor/i],
    [
      `a0: &a0 [x]\n${Array.from({ length: 30 }, (_, n) => `a${n + 1}: &a${n + 1} [*a${n}, *a${n}]`).join("\n")}`,
      0,
      /too large/,
    ],
  ])("that cannot be read say where: %#", (yaml, line, message) => {
    const read = readValues(yaml)

    expect(read.ok ? "" : read.problem.message).toMatch(message)
    if (line > 0) expect(read).toMatchObject({ problem: { line } })
  })
})

function valuesIn(yaml: string): GoMap {
  const read = readValues(yaml)
  if (!read.ok) throw new Error(read.problem.message)
  return read.values
}

function render(source: string, roots: Record<string, unknown>): string {
  const result = renderTemplate(source, roots, options)
  return result.ok ? result.rendered.text : result.problem.message
}
