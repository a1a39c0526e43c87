import { lexTemplate } from "./lex-template.ts"
import type { ListNode, StatementNode } from "./node.ts"
import { parsePipeline, type Scope } from "./parse-pipeline.ts"
import { unquote } from "./read-literal.ts"
import type { Token } from "./token.ts"
import { createTokenReader } from "./token-reader.ts"

/** A template, and what it defines by name. */
export type ParsedTemplate = { root: ListNode; definitions: Map<string, ListNode> }

type Ending = "end" | "else" | "elseIf" | "elseWith"
const maxDepth = 200

/** Reads a template (text/template/parse). `isFunction` tells which names are functions. A mistake is thrown. */
export function parseTemplate(source: string, isFunction: (name: string) => boolean): ParsedTemplate {
  const reader = createTokenReader(lexTemplate(source))
  const definitions = new Map<string, ListNode>()
  let rangeDepth = 0
  let depth = 0

  const newScope = (): Scope => ({ variables: ["$"], isFunction })

  function parseRoot(): ListNode {
    const list: StatementNode[] = []
    const scope = newScope()
    while (reader.peek().type !== "eof") {
      const mark = reader.mark()
      const isAction = reader.next().type === "leftDelimiter"
      if (isAction && reader.nextWord().type === "define") {
        parseDefinition()
        continue
      }
      reader.rewind(mark)
      const statement = parseStatement(scope)
      if (typeof statement === "string") return reader.fail(`unexpected {{${statement === "end" ? "end" : "else"}}}`)
      list.push(statement)
    }
    return list
  }

  function parseDefinition(): void {
    const context = "define clause"
    const name = nameIn(reader.expect(["string", "rawString"], context), context)
    reader.expect(["rightDelimiter"], context)
    define(name, parseBody(context))
  }

  /** A body with variables and loops of its own: of `define` and `block`. */
  function parseBody(context: string): ListNode {
    const outerRangeDepth = rangeDepth
    rangeDepth = 0
    const { list, ending } = parseList(newScope())
    if (ending !== "end") reader.fail(`unexpected {{else}} in ${context}`)
    rangeDepth = outerRangeDepth
    return list
  }

  function define(name: string, list: ListNode): void {
    const known = definitions.get(name)
    if (known === undefined || isEmptyList(known)) definitions.set(name, list)
    else if (!isEmptyList(list)) reader.fail(`template: multiple definition of template "${name}"`)
  }

  function parseList(scope: Scope): { list: ListNode; ending: Ending } {
    if (++depth > maxDepth) reader.fail("max nesting depth exceeded")
    const list: StatementNode[] = []
    while (reader.peekWord().type !== "eof") {
      const statement = parseStatement(scope)
      if (typeof statement === "string") {
        depth--
        return { list, ending: statement }
      }
      list.push(statement)
    }
    return reader.fail("unexpected EOF", reader.peek().start)
  }

  function parseStatement(scope: Scope): StatementNode | Ending {
    const token = reader.nextWord()
    if (token.type === "text") return { type: "text", start: token.start, text: token.text }
    if (token.type !== "leftDelimiter") reader.unexpected(token, "input")
    const mark = reader.mark()
    const keyword = reader.nextWord()
    const { start } = token
    switch (keyword.type) {
      case "if":
      case "with":
      case "range":
        return parseBranch(keyword.type, start, scope)
      case "break":
      case "continue": {
        const after = reader.nextWord()
        if (after.type !== "rightDelimiter") reader.unexpected(after, `{{${keyword.type}}}`)
        if (rangeDepth === 0) reader.fail(`{{${keyword.type}}} outside {{range}}`)
        return { type: keyword.type, start }
      }
      case "end":
        reader.expect(["rightDelimiter"], "end")
        return "end"
      case "else": {
        const { type } = reader.peekWord()
        if (type === "if") return "elseIf"
        if (type === "with") return "elseWith"
        reader.expect(["rightDelimiter"], "else")
        return "else"
      }
      case "template":
      case "block": {
        const context = `${keyword.type} clause`
        const name = nameIn(reader.nextWord(), context)
        const hasPipe = keyword.type === "block" || reader.peekWord().type !== "rightDelimiter"
        const pipe = hasPipe ? parsePipeline(reader, scope, context) : undefined
        if (!hasPipe) reader.nextWord()
        if (keyword.type === "block") define(name, parseBody(context))
        return { type: "template", start, name, pipe }
      }
      default:
        reader.rewind(mark)
        return { type: "action", start, pipe: parsePipeline(reader, scope, "command") }
    }
  }

  function parseBranch(type: "if" | "with" | "range", start: number, scope: Scope): StatementNode {
    const visible = scope.variables.length
    const pipe = parsePipeline(reader, scope, type)
    if (type === "range") rangeDepth++
    const { list, ending } = parseList(scope)
    if (type === "range") rangeDepth--
    let elseList: ListNode | undefined
    if (ending === "else") {
      const rest = parseList(scope)
      if (rest.ending !== "end") reader.fail("expected end; found {{else}}")
      elseList = rest.list
    } else if (ending !== "end") {
      const chained = ending === "elseIf" ? "if" : "with"
      // Go reads `{{else if}}` as an `if` in the `else`, and allows it only in its own kind.
      if (chained !== type) reader.unexpected(reader.nextWord(), "input")
      const { start: at } = reader.nextWord()
      if (++depth > maxDepth) reader.fail("max nesting depth exceeded")
      elseList = [parseBranch(chained, at, scope)]
      depth--
    }
    scope.variables.length = visible
    return { type, start, pipe, list, elseList }
  }

  function nameIn(token: Token, context: string): string {
    if (token.type !== "string" && token.type !== "rawString") reader.unexpected(token, context)
    return unquote(token.text) ?? reader.fail("invalid syntax")
  }

  return { root: parseRoot(), definitions }
}

function isEmptyList(list: ListNode): boolean {
  return list.every((node) => node.type === "text" && node.text.trim() === "")
}
