// biome-ignore-all lint/suspicious/noTemplateCurlyInString: shell texts
import { execFileSync } from "node:child_process"
import { describe, expect, test } from "vitest"
import { splitWords } from "../../../../shared/task-file/commands/split-words.ts"

const words = (...list: string[]) => ({ kind: "words", words: list })

describe("what is only words", () => {
  test.each([
    ["", []],
    ["  \t \n", []],
    ["alpine echo hi", ["alpine", "echo", "hi"]],
    ["\n  alpine\techo \n\n", ["alpine", "echo"]],
    ["a 'b  c' d", ["a", "b  c", "d"]],
    [`a "b 'c'" '"d"'`, ["a", "b 'c'", '"d"']],
    ["a'b'\"c\"d", ["abcd"]],
    ["a '' \"\" b", ["a", "", "", "b"]],
    ["a '$X `y` ; | & * # ~' b", ["a", "$X `y` ; | & * # ~", "b"]],
    [`a "; | & * ( ) < > # ~ ? [" b`, ["a", "; | & * ( ) < > # ~ ? [", "b"]],
    ["a\\ b c\\\\d \\'e", ["a b", "c\\d", "'e"]],
    ['"a\\"b" "c\\\\d" "e\\$f" "g\\`h" "i\\nj"', ['a"b', "c\\d", "e$f", "g`h", "i\\nj"]],
    ["a \\\n  b\\\nc", ["a", "bc"]],
    ['"a\\\nb"', ["ab"]],
    ["'a\\\nb'", ["a\\\nb"]],
    ["'a\nb' c", ["a\nb", "c"]],
    ["\\$X \\* \\; \\~ \\# x", ["$X", "*", ";", "~", "#", "x"]],
    ["a#b a~b x=~ c{d,e} !f g! ] } -- -x=y", ["a#b", "a~b", "x=~", "c{d,e}", "!f", "g!", "]", "}", "--", "-x=y"]],
    ["img A=b", ["img", "A=b"]],
    ["--env A=b img", ["--env", "A=b", "img"]],
    ["-t ünï:1 .", ["-t", "ünï:1", "."]],
    ["a\u00a0b c\rd", ["a\u00a0b", "c\rd"]],
  ])("%j", (text, expected) => {
    expect(splitWords(text)).toEqual(words(...expected))
  })
})

describe("what needs a shell, and why", () => {
  test.each([
    ["a $X", "$ is replaced"],
    ['a "$X"', "$ is replaced"],
    ["a $(date)", "$ is replaced"],
    ["a `date`", "` is replaced"],
    ['a "`date`"', "` is replaced"],
    ["a | b", "| is an operator"],
    ["a&&b", "& is an operator"],
    ["a; b", "; is an operator"],
    ["a > b", "> is an operator"],
    ["a 2>&1", "> is an operator"],
    ["a <b", "< is an operator"],
    ["(a)", "( is an operator"],
    ["a b\nc d", "several lines"],
    ["a *.txt", "* matches"],
    ["a b?", "? matches"],
    ["a [bc]", "[ matches"],
    ["a ~/x", "~ is the home"],
    ["a # b", "# begins a comment"],
    ["A=b img", "an assignment"],
    ["! a", "! begins"],
    ["{ a", "{ begins"],
    ["if a", "if begins"],
    ["a 'b", "not closed"],
    ['a "b', "not closed"],
    ['a "b\\', "not closed"],
    ["a \\", "ends with a backslash"],
  ])("%j", (text, reason) => {
    expect(splitWords(text)).toEqual({ kind: "shell", reason: expect.stringContaining(reason) })
  })
})

describe("compared with /bin/sh", () => {
  test("what we split into words, the shell splits into the same words", () => {
    const texts = [...fixedTexts(), ...randomTexts(4000)].filter((text) => splitWords(text).kind === "words")
    const ours = texts.map(splitWords)

    const theirs = shellWords(texts)

    const differing = texts.flatMap((text, index) => {
      const [mine, shell] = [ours[index], theirs[index]]
      return mine?.kind === "words" && JSON.stringify(mine.words) === JSON.stringify(shell)
        ? []
        : [{ text, mine, shell }]
    })
    expect(differing).toEqual([])
    expect(texts.length).toBeGreaterThan(500)
  })
})

/** One shell splits all of them: behind a command's name, where a text of a step stands. */
function shellWords(texts: string[]): string[][] {
  // Lines in front of the first word are nothing to us; there they would end the command.
  const script = texts.map((text) => `show ${text.replace(/^(?:\s|\\\n)+/, "")}\nprintf '\\001'\n`).join("")
  const show = `show() { for word in "$@"; do printf '%s\\0' "$word"; done; }\n`
  const output = execFileSync("/bin/sh", ["-f", "-s"], { input: show + script, encoding: "utf8", maxBuffer: 1 << 26 })
  return output
    .split("\u0001")
    .slice(0, -1)
    .map((words) => words.split("\0").slice(0, -1))
}

function fixedTexts(): string[] {
  return [
    "alpine echo hi",
    "-t 'a b' .",
    '"a\\"b" "c\\\\d" "e\\$f" "i\\nj"',
    "a \\\n  b\\\nc",
    "'a\nb' c",
    "a#b x=~ c{d,e} !f ] }",
    "",
    "''",
    "a\\ b",
    "bash -c 'echo $HOME; ls > out'",
    "--env A='b c' img",
    "a '\\' b",
    '"\'"',
    "a \\\n",
  ]
}

/** Texts of the characters that matter, from a seed, so that every run has the same. */
function randomTexts(count: number): string[] {
  const pieces = [
    "a",
    "b",
    " ",
    "  ",
    "'",
    '"',
    "\\",
    "\\\n",
    "\n",
    "\t",
    "#",
    "~",
    "=",
    "{",
    "}",
    "!",
    "$",
    "-",
    "é",
    ",",
    "''",
    '""',
    "\\'",
    '\\"',
    "\\\\",
    ":",
  ]
  let state = 20260724
  const next = (limit: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * limit)
  }
  return Array.from({ length: count }, () =>
    Array.from({ length: 1 + next(12) }, () => pieces[next(pieces.length)]).join(""),
  )
}
