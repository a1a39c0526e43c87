import { describe, expect, test } from "vitest"
import { scanOptions } from "../../../../shared/task-file/commands/scan-options.ts"

const table = {
  file: { kind: "value", short: "f" },
  network: { kind: "value", aliases: ["net"] },
  quiet: { kind: "flag", short: "q" },
  rm: { kind: "flag" },
} as const
const scan = (text: string, isInterspersed = true) =>
  scanOptions(text.split(" "), table, { command: "docker x", isInterspersed })
const found = (text: string, isInterspersed?: boolean) => {
  const { options, positionals, problems } = scan(text, isInterspersed)
  return {
    options: options.map(({ name, value, isOn }) => (isOn ? `${name}:${value}` : `${name}:off`)),
    words: positionals.map(({ word }) => word),
    problems,
  }
}

describe("the forms of options that docker knows", () => {
  test.each([
    ["--file a .", ["file:a"], ["."]],
    ["--file=a .", ["file:a"], ["."]],
    ["--file= .", ["file:"], ["."]],
    ["-f a .", ["file:a"], ["."]],
    ["-fa .", ["file:a"], ["."]],
    ["-f=a .", ["file:a"], ["."]],
    ["-qf a .", ["quiet:true", "file:a"], ["."]],
    ["-qfa .", ["quiet:true", "file:a"], ["."]],
    ["--net host .", ["network:host"], ["."]],
    ["--rm .", ["rm:true"], ["."]],
    ["--rm=false .", ["rm:off"], ["."]],
    ["-q=false .", ["quiet:off"], ["."]],
    ["--rm=1 .", ["rm:1"], ["."]],
    [". --rm", ["rm:true"], ["."]],
    ["--file --rm", ["file:--rm"], []],
    ["--file - -", ["file:-"], ["-"]],
    ["--rm -- --rm -f", ["rm:true"], ["--rm", "-f"]],
  ])("%s", (text, options, words) => {
    expect(found(text)).toEqual({ options, words, problems: [] })
  })

  test("options end at the first other word where they stand in front only", () => {
    expect(found("--rm img --file a -- b", false)).toEqual({
      options: ["rm:true"],
      words: ["img", "--file", "a", "--", "b"],
      problems: [],
    })
  })
})

describe("mistakes", () => {
  test.each([
    ["--fil a", ["unknown flag: --fil of docker x. Did you mean --file?"]],
    ["--colour", ["unknown flag: --colour of docker x."]],
    ["-z", ["unknown shorthand flag: 'z' in -z of docker x."]],
    ["--rm=maybe", ["--rm is true or false, not maybe."]],
    ["--file", ["flag needs an argument: --file"]],
    ["-f", ["flag needs an argument: -f"]],
    [
      "-z --fil --file",
      [
        "unknown shorthand flag: 'z' in -z of docker x.",
        "unknown flag: --fil of docker x. Did you mean --file?",
        "flag needs an argument: --file",
      ],
    ],
  ])("%s", (text, problems) => {
    expect(scan(text).problems).toEqual(problems)
  })
})
