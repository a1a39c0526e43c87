import { type CommandNode, describeNode, type PipeNode, type WordNode } from "./node.ts"
import { unquote } from "./read-literal.ts"
import { readNumber } from "./read-number.ts"
import type { Token, TokenType } from "./token.ts"
import type { TokenReader } from "./token-reader.ts"

/** What is known where a pipeline stands. `variables` grows with what it declares. */
export type Scope = { variables: string[]; isFunction(name: string): boolean }

// Go's own limit is 10,000; ours keeps the parser and the evaluator off the end of JavaScript's stack.
const maxDepth = 200

/** Reads a pipeline up to and with `end` (text/template/parse, `pipeline`). Mistakes are thrown. */
export function parsePipeline(
  reader: TokenReader,
  scope: Scope,
  context: string,
  end: TokenType = "rightDelimiter",
  depth = 0,
): PipeNode {
  const { start } = reader.peekWord()
  const declared: string[] = []
  let isAssignment = false
  while (reader.peekWord().type === "variable") {
    const mark = reader.mark()
    const variable = reader.next()
    const operator = reader.peekWord()
    const isComma = operator.type === "character" && operator.text === ","
    if (operator.type !== "assign" && operator.type !== "declare" && !isComma) {
      reader.rewind(mark)
      break
    }
    reader.next()
    declared.push(variable.text)
    scope.variables.push(variable.text)
    if (!isComma) {
      isAssignment = operator.type === "assign"
      break
    }
    if (context !== "range" || declared.length > 1) reader.fail(`too many declarations in ${context}`)
    if (!["variable", "rightDelimiter", "rightParenthesis"].includes(reader.peekWord().type)) {
      reader.fail("range can only initialize variables")
    }
  }

  const commands: CommandNode[] = []
  for (;;) {
    const token = reader.peekWord()
    if (token.type === end) {
      reader.next()
      break
    }
    if (!startsWord(token)) reader.unexpected(reader.next(), context)
    commands.push(parseCommand(reader, scope, depth))
  }
  if (commands.length === 0) reader.fail(`missing value for ${context}`)
  commands.slice(1).forEach(({ words }, index) => {
    if (["bool", "dot", "nil", "number", "string"].includes(words[0]?.type ?? "")) {
      reader.fail(`non executable command in pipeline stage ${index + 2}`)
    }
  })
  return { type: "pipe", start, declared, isAssignment, commands }
}

function parseCommand(reader: TokenReader, scope: Scope, depth: number): CommandNode {
  const { start } = reader.peekWord()
  const words: WordNode[] = []
  for (;;) {
    reader.peekWord()
    const word = parseOperand(reader, scope, depth)
    if (word !== undefined) words.push(word)
    const mark = reader.mark()
    const token = reader.next()
    if (token.type === "space") continue
    if (token.type === "rightDelimiter" || token.type === "rightParenthesis") reader.rewind(mark)
    else if (token.type !== "pipe") reader.unexpected(token, "operand")
    break
  }
  if (words.length === 0) reader.fail("empty command")
  return { type: "command", start, words }
}

function parseOperand(reader: TokenReader, scope: Scope, depth: number): WordNode | undefined {
  const word = parseTerm(reader, scope, depth)
  if (word === undefined || reader.peek().type !== "field") return word
  const { start } = reader.peek()
  const path: string[] = []
  while (reader.peek().type === "field") path.push(reader.next().text.slice(1))
  if (word.type === "field" || word.type === "variable") return { ...word, start, path: [...word.path, ...path] }
  if (["bool", "string", "number", "nil", "dot"].includes(word.type)) {
    reader.fail(`unexpected . after term ${JSON.stringify(describeNode(word))}`)
  }
  return { type: "chain", start, word, path }
}

function parseTerm(reader: TokenReader, scope: Scope, depth: number): WordNode | undefined {
  const mark = reader.mark()
  const token = reader.nextWord()
  const { start, text } = token
  switch (token.type) {
    case "identifier":
      if (!scope.isFunction(text)) reader.fail(`function "${text}" not defined`)
      return { type: "identifier", start, name: text }
    case "dot":
    case "nil":
      return { type: token.type, start }
    case "variable":
      if (!scope.variables.includes(text)) reader.fail(`undefined variable "${text}"`)
      return { type: "variable", start, name: text, path: [] }
    case "field":
      return { type: "field", start, path: [text.slice(1)] }
    case "bool":
      return { type: "bool", start, value: text === "true" }
    case "characterConstant":
    case "number": {
      const constant = readNumber(text)
      if ("problem" in constant) return reader.fail(constant.problem)
      return { type: "number", start, constant }
    }
    case "leftParenthesis":
      if (depth >= maxDepth) reader.fail("max expression depth exceeded")
      return parsePipeline(reader, scope, "parenthesized pipeline", "rightParenthesis", depth + 1)
    case "string":
    case "rawString": {
      const value = unquote(text)
      if (value === undefined) return reader.fail("invalid syntax")
      return { type: "string", start, quoted: text, text: value }
    }
    default:
      reader.rewind(mark)
      return undefined
  }
}

function startsWord({ type }: Token): boolean {
  return [
    "bool",
    "characterConstant",
    "dot",
    "field",
    "identifier",
    "number",
    "nil",
    "rawString",
    "string",
    "variable",
    "leftParenthesis",
  ].includes(type)
}
