import { Composer, type CST, type ErrorCode, isNode, Lexer, type Node, Parser, type YAMLParseError } from "yaml"

/** A mistake at an offset of the YAML text, in UTF-16 units. */
export type OffsetProblem = { message: string; offset: number }
export type ParsedYaml = { root: Node | undefined; problems: OffsetProblem[] }

/** More say nothing new: the first mistake mostly causes the others. */
const MAX_PROBLEMS = 20
const MAX_DEPTH = 100
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what YAML refuses (5.1)
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ufffe\uffff]/

/** What yaml.v2 says to the mistake, so that it is found by search; the parser's own words follow. */
const GO_WORDS: Partial<Record<ErrorCode, string>> = {
  BLOCK_AS_IMPLICIT_KEY: "mapping values are not allowed in this context",
  TAB_AS_INDENT: "found character that cannot start any token",
  BAD_SCALAR_START: "found character that cannot start any token",
  BAD_ALIAS: "did not find expected alphabetic or numeric character",
  BAD_DQ_ESCAPE: "found unknown escape character",
  BLOCK_IN_FLOW: "did not find expected node content",
  MULTILINE_IMPLICIT_KEY: "mapping values are not allowed in this context",
  KEY_OVER_1024_CHARS: "could not find expected ':'",
}

const QUOTE =
  "put a text that holds `: `, or begins with a special character, in quotes, as in cmd: 'bash -c \"echo a: b\"'"
const ALIGN = "indent what belongs together by the same number of spaces"
/** What mostly mends the mistake. */
const FIXES: Partial<Record<ErrorCode, string>> = {
  BLOCK_AS_IMPLICIT_KEY: QUOTE,
  MULTILINE_IMPLICIT_KEY: `${QUOTE}, and end every key with a colon`,
  BAD_SCALAR_START: QUOTE,
  UNEXPECTED_TOKEN: QUOTE,
  TAB_AS_INDENT: "indent with spaces, not with tabs",
  BAD_INDENT: ALIGN,
  BAD_DQ_ESCAPE: "write \\\\ for a backslash, or put the text in single quotes",
  BAD_ALIAS: "put a text that begins with * or & in quotes",
  MISSING_CHAR: "close every quote, bracket and brace, and end every key with a colon",
  KEY_OVER_1024_CHARS: "put a long text behind `|` on lines of its own",
}

/**
 * Parses the first document of a YAML text (task-file 1, step 6: yaml.v2 reads no other), all scalars as texts:
 * {@link import("./scalar.ts").resolveScalar} says what they are. Of several mistakes on one line the first is told.
 */
export function parseYaml(text: string): ParsedYaml {
  const control = CONTROL.exec(text)
  if (control !== null) {
    const code = text.charCodeAt(control.index).toString(16).padStart(4, "0")
    const message = `yaml: control characters are not allowed: remove U+${code.toUpperCase()}.`
    return { root: undefined, problems: [{ message, offset: control.index }] }
  }
  const nesting = { offset: -1 }
  const composer = new Composer({ version: "1.1", schema: "failsafe", uniqueKeys: false, prettyErrors: false })
  for (const document of composer.compose(tokensOf(text, nesting))) {
    if (nesting.offset >= 0) break
    const root = isNode(document.contents) ? document.contents : undefined
    return { root, problems: problemsOf(document.errors, text) }
  }
  if (nesting.offset < 0) return { root: undefined, problems: [] }
  const message = `yaml: lists and maps are nested too deeply: ${MAX_DEPTH} levels are the limit.`
  return { root: undefined, problems: [{ message, offset: nesting.offset }] }
}

/**
 * The tokens of a text, up to where it is nested too deeply: what comes after the parser calls itself for each level, and a full
 * stack ends the process where a regular expression is compiled on it.
 */
function* tokensOf(text: string, nesting: { offset: number }): Generator<CST.Token, void> {
  const parser = new Parser()
  for (const lexeme of new Lexer().lex(text)) {
    if (parser.stack.length > MAX_DEPTH) {
      nesting.offset = parser.offset
      return
    }
    yield* parser.next(lexeme)
  }
  yield* parser.end()
}

function problemsOf(errors: readonly YAMLParseError[], text: string): OffsetProblem[] {
  const problems: OffsetProblem[] = []
  let lineEnd = -1
  for (const { code, message, pos } of errors.toSorted((a, b) => a.pos[0] - b.pos[0])) {
    if (pos[0] <= lineEnd) continue
    if (problems.length === MAX_PROBLEMS) break
    const next = text.indexOf("\n", pos[0])
    lineEnd = next < 0 ? text.length : next
    const words = GO_WORDS[code] ?? "did not find expected key"
    const fix = FIXES[code] ?? `${ALIGN}, and close every quote`
    problems.push({ message: `yaml: ${words}: ${message.split("\n", 1).join("")}; ${fix}.`, offset: pos[0] })
  }
  return problems
}
