import { describe, expect, test } from "vitest"
import { z } from "zod"
import { decodeYaml } from "../../../../shared/task-file/yaml/decode-yaml.ts"
import { parseYaml } from "../../../../shared/task-file/yaml/parse-yaml.ts"

const Item = z.strictObject({ name: z.string().optional(), count: z.int().optional(), isOn: z.boolean().optional() })
const Shape = z.strictObject({
  text: z.string().optional(),
  list: z.array(z.string()).optional(),
  numbers: z.array(z.int()).optional(),
  items: z.array(Item).optional(),
  map: z.record(z.string(), z.string()).optional(),
  item: Item.optional(),
})

const decode = (text: string) => decodeYaml(parseYaml(text).root, Shape)
const problemsOf = (text: string) => decode(text).problems.map(({ message }) => message)

describe("values are read as yaml.v2 reads into a struct", () => {
  test.each([
    ["text: 12", { text: "12" }],
    ["text: 1.50", { text: "1.50" }],
    ["text: yes", { text: "yes" }],
    ["text: 2001-01-02", { text: "2001-01-02" }],
    ["text: ~", { text: undefined }],
    ["list: [1, yes, ~, 'a']", { list: ["1", "yes", "", "a"] }],
    ["numbers: [1.9, -1.9, 0x10, ~]", { numbers: [1, -1, 16, 0] }],
    ["items: [{isOn: on, count: 2.0}, ~]", { items: [{ isOn: true, count: 2 }, {}] }],
    ["map: {a: 1, b: ~, 3: c}", { map: { a: "1", b: "", 3: "c" } }],
    ["item: {name: a}\nitem: {count: 1}", { item: { name: "a", count: 1 } }],
    ["map: {a: 1}\nmap: {b: 2}", { map: { a: "1", b: "2" } }],
    ["list: [a]\nlist: [b]", { list: ["b"] }],
    ["text: a\ntext:", { text: undefined }],
    [
      "item: &i {name: a}\nitems: [*i, {<<: *i, count: 1}]",
      { item: { name: "a" }, items: [{ name: "a" }, { name: "a", count: 1 }] },
    ],
    ["items: [{<<: [{name: a}, {name: b, count: 2}], isOn: no}]", { items: [{ name: "a", count: 2, isOn: false }] }],
    ["text: &t a\nlist: [*t]", { text: "a", list: ["a"] }],
    ["", undefined],
  ])("%j", (text, value) => {
    expect(decode(text)).toMatchObject({ value, problems: [], isComplete: true })
  })
})

describe("values of the wrong type", () => {
  test.each([
    [
      "items: [{count: '30'}]",
      "items[0].count: cannot unmarshal !!str `30` into int: write a whole number without quotes.",
    ],
    [
      "items: [{count: 10m}]",
      "items[0].count: cannot unmarshal !!str `10m` into int: write a whole number without quotes.",
    ],
    ["items: [{count: yes}]", "items[0].count: cannot unmarshal !!bool `yes` into int: write a whole number."],
    [
      "items: [{isOn: 'true'}]",
      "items[0].isOn: cannot unmarshal !!str `true` into bool: write true or false without quotes.",
    ],
    ["items: [{isOn: 1}]", "items[0].isOn: cannot unmarshal !!int `1` into bool: write true or false."],
    [
      "items: [{count: 99999999999999999999}]",
      "items[0].count: cannot unmarshal !!int `9999999...` into int: write a whole number.",
    ],
    ["list: abcdefghijkl", "list: cannot unmarshal !!str `abcdefg...` into []string: write a list, as in [a, b]."],
    ["list: {a: b}", "list: cannot unmarshal !!map into []string: write a list, as in [a, b]."],
    ["text: [a]", "text: cannot unmarshal !!seq into string: write a text."],
    ["map: [a]", "map: cannot unmarshal !!seq into map[string]string: write keys and values, as in key: value."],
    ["text: *x", "yaml: unknown anchor 'x' referenced"],
    ["list: &l [*l]", "list[0]: cannot unmarshal !!seq into string: write a text."],
    ["items: [&i {<<: *i}]", "yaml: a map is merged into itself"],
    ["items: [{<<: a}]", "yaml: map merge requires map or sequence of maps as the value"],
    ["? [a]\n: b", "yaml: a key must be a text"],
  ])("%s", (text, problem) => {
    expect(problemsOf(text)).toEqual([problem])
  })

  test("all are told, each at its place, and the rest is read", () => {
    const { value, problems } = decode("text: [a]\nitems:\n- count: x\n  name: n\n- isOn: 1\n")

    expect(value).toEqual({ text: undefined, items: [{ count: undefined, name: "n" }, { isOn: undefined }] })
    expect(problems.map(({ offset }) => offset)).toEqual([6, 26, 46])
  })

  test("a place of the wrong type is known as such", () => {
    const { places } = decode("items: [{count: x}, a]")

    expect(
      [
        ["items", 0, "count"],
        ["items", 1],
        ["items", 0],
      ].map(places.isBad),
    ).toEqual([true, true, false])
  })
})

describe("keys", () => {
  const warningsOf = (text: string) => decode(text).warnings.map(({ message, offset }) => `${offset} ${message}`)
  test.each([
    ["item:\n  naem: a", ["8 item: unknown key naem: it is ignored. Did you mean name?"]],
    ["items:\n- Name: a", ["9 items[0]: unknown key Name: upper and lower case count. Did you mean name?"]],
    ["zzz: 1", ["0 unknown key zzz: it is ignored."]],
    ["text: a\ntext: b", ["8 text is there twice: the last one counts."]],
    ["item: &i {name: a}\nitems: [{<<: *i, name: b}]", []],
    ["x-anything: &a b\nlist: [*a]", []],
    ["map: {anything: goes}", []],
  ])("%j", (text, warnings) => {
    expect(warningsOf(text)).toEqual(warnings)
  })
})

describe("documents that unfold", () => {
  const doubling = (line: (from: string, to: string) => string) =>
    Array.from({ length: 30 }, (_, index) => line(`a${index}`, `a${index + 1}`)).join("\n")

  test("by anchors in lists are a mistake", () => {
    const text = `x-a: &a [x, x, x, x, x, x, x, x, x, x]\nlist: &b [${"a, ".repeat(10)}]\nitems:\n${"- {<<: &c {name: *a}}\n".repeat(3)}`
    const many = `x-a: &a {name: x}\nitems: [${"*a, ".repeat(60_000)}]`

    expect(decode(text).isComplete).toBe(true)
    expect(decode(many)).toMatchObject({
      isComplete: false,
      problems: [{ message: expect.stringContaining("excessive aliasing") }],
    })
  })

  test("by merging are a mistake", () => {
    const text = `x-a: &a0 {name: x}\n${doubling((from, to) => `x-${to}: &${to} {<<: [*${from}, *${from}]}`)}\nitem: *a30`

    expect(decode(text)).toMatchObject({
      isComplete: false,
      problems: [{ message: expect.stringContaining("excessive aliasing") }],
    })
  })
})
