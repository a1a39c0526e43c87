import { type Heredoc, readHeredocs } from "./read-heredocs.ts"

/** Something in a Dockerfile that no engine would build. Lines count from 1. */
export type Problem = { line: number; message: string }

/** One instruction, continuation lines joined, comments and heredoc bodies left out. `keyword` is upper case. */
export type Instruction = { keyword: string; rest: string; line: number; endLine: number }

export type Instructions = {
  instructions: Instruction[]
  /** `\` or, by the directive, a backtick. */
  escapeCharacter: string
  /** Image of the `# syntax=` directive, the build's own front end. */
  syntax: string | undefined
  problems: Problem[]
}

const HEREDOC_KEYWORDS = new Set(["RUN", "COPY", "ADD"])

/** Cuts a Dockerfile into instructions: the line rules of BuildKit's parser (frontend/dockerfile/parser). */
export function readInstructions(text: string): Instructions {
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/)
  const { escapeCharacter, syntax } = readDirectives(lines)
  const instructions: Instruction[] = []
  const problems: Problem[] = []
  let at = 0
  while (at < lines.length) {
    const line = at + 1
    const joined = joinContinuations(lines, at, escapeCharacter)
    at = joined.next
    const match = /^(\S+)\s*([\s\S]*)$/.exec(joined.text.trim())
    if (match === null) continue
    const keyword = (match[1] ?? "").toUpperCase()
    const rest = match[2] ?? ""
    for (const heredoc of heredocsOf(keyword, rest, escapeCharacter)) {
      const end = endOfHeredoc(lines, at, heredoc)
      if (end === undefined) problems.push({ line, message: `unterminated heredoc ${heredoc.terminator}` })
      at = end ?? lines.length
    }
    instructions.push({ keyword, rest, line, endLine: at })
  }
  return { instructions, escapeCharacter, syntax, problems }
}

/** `# name=value` comments count only on the very first lines, and each only once. */
function readDirectives(lines: string[]): { escapeCharacter: string; syntax: string | undefined } {
  const directives = new Map<string, string>()
  for (const line of lines) {
    const match = /^\s*#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*$/.exec(line)
    const name = match?.[1]?.toLowerCase()
    if (name === undefined || !["syntax", "escape", "check"].includes(name) || directives.has(name)) break
    directives.set(name, match?.[2] ?? "")
  }
  return {
    escapeCharacter: directives.get("escape") === "`" ? "`" : "\\",
    syntax: directives.get("syntax")?.split(/\s/)[0],
  }
}

/** Comment lines and empty lines inside a continued instruction vanish; a doubled escape character does not continue. */
function joinContinuations(lines: string[], start: number, escapeCharacter: string): { text: string; next: number } {
  const continued = escapeCharacter === "`" ? /(^|[^`])`[ \t]*$/ : /(^|[^\\])\\[ \t]*$/
  let text = ""
  for (let at = start; at < lines.length; at++) {
    const line = lines[at] ?? ""
    if (isComment(line) || (at > start && line.trim() === "")) {
      if (at === start) return { text: "", next: at + 1 }
      continue
    }
    if (!continued.test(line)) return { text: text + line, next: at + 1 }
    text += line.replace(continued, "$1")
  }
  return { text, next: lines.length }
}

function heredocsOf(keyword: string, rest: string, escapeCharacter: string): Heredoc[] {
  if (keyword === "ONBUILD") {
    const inner = /^(\S+)\s+([\s\S]*)$/.exec(rest)
    return inner === null ? [] : heredocsOf((inner[1] ?? "").toUpperCase(), inner[2] ?? "", escapeCharacter)
  }
  return HEREDOC_KEYWORDS.has(keyword) && !rest.startsWith("[") ? readHeredocs(rest, escapeCharacter) : []
}

/** Index of the line after the terminator. */
function endOfHeredoc(lines: string[], start: number, heredoc: Heredoc): number | undefined {
  for (let at = start; at < lines.length; at++) {
    const line = lines[at] ?? ""
    if ((heredoc.isTabStripped ? line.replace(/^\t+/, "") : line) === heredoc.terminator) return at + 1
  }
  return undefined
}

function isComment(line: string): boolean {
  return line.trimStart().startsWith("#")
}
