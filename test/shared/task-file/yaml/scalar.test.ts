import { expect, test } from "vitest"
import { isMap, isScalar } from "yaml"
import { parseYaml } from "../../../../shared/task-file/yaml/parse-yaml.ts"
import { resolveScalar } from "../../../../shared/task-file/yaml/scalar.ts"

function resolved(text: string) {
  const { root } = parseYaml(`a: ${text}\n`)
  const value = isMap(root) ? root.items[0]?.value : undefined
  if (!isScalar(value)) throw new Error(`no scalar: ${text}`)
  return resolveScalar(value)
}

test.each([
  ["yes", "!!bool", true],
  ["On", "!!bool", true],
  ["y", "!!bool", true],
  ["off", "!!bool", false],
  ["N", "!!bool", false],
  ["yEs", "!!str", undefined],
  ["12", "!!int", 12],
  ["-1_000", "!!int", -1000],
  ["0x1F", "!!int", 31],
  ["0b101", "!!int", 5],
  ["010", "!!int", 8],
  ["0o10", "!!int", 8],
  ["08", "!!int", 8],
  ["1.5", "!!float", 1.5],
  ["2e3", "!!float", 2000],
  [".5", "!!float", 0.5],
  [".inf", "!!float", Number.POSITIVE_INFINITY],
  ["-.Inf", "!!float", Number.NEGATIVE_INFINITY],
  [".nan", "!!float", Number.NaN],
  ["~", "!!null", undefined],
  ["", "!!null", undefined],
  ["Null", "!!null", undefined],
  ["2001-01-02", "!!timestamp", undefined],
  ["1:20", "!!str", undefined],
  ['"30"', "!!str", undefined],
  ["'yes'", "!!str", undefined],
  ['!!int "30"', "!!int", 30],
  ["!!str 30", "!!str", undefined],
  ["|\n  12\n", "!!str", undefined],
])("%s is %s", (text, tag, value) => {
  expect(resolved(text)).toMatchObject(value === undefined ? { tag } : { tag, value })
})

test("the text is as written", () => {
  expect(["1.50", "0x1F", "yes", "'a''b'"].map((text) => resolved(text).text)).toEqual(["1.50", "0x1F", "yes", "a'b"])
})
