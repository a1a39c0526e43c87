import type { Node } from "web-tree-sitter"
import { partsOf } from "./bicep-syntax.ts"

/** A name used in an expression. Functions are used by calling, everything else by value. */
export type Reference = { name: string; node: Node; isCall: boolean; argumentCount: number }

/** Names that an expression uses, without those that its own loops and lambdas bind. */
export function referencesIn(node: Node, locals: ReadonlySet<string> = new Set()): Reference[] {
  const parts = partsOf(node)
  const below = (nodes: Node[], more: string[] = []) =>
    nodes.flatMap((part) => referencesIn(part, more.length > 0 ? new Set([...locals, ...more]) : locals))

  switch (node.type) {
    case "identifier":
      return locals.has(node.text) ? [] : [{ name: node.text, node, isCall: false, argumentCount: 0 }]
    case "type":
    case "decorators":
      return []
    case "object_property":
      return below(parts.filter((part, index) => index > 0 || part.type === "string"))
    case "lambda_expression": {
      const [parameters, body] = parts
      return body === undefined || parameters === undefined ? [] : below([body], namesIn(parameters))
    }
    case "for_statement": {
      const [variables, list, body] = parts
      if (variables === undefined || list === undefined || body === undefined) return below(parts)
      return [...below([list]), ...below([body], namesIn(variables))]
    }
    case "call_expression": {
      const [called, given] = parts
      if (called === undefined) return []
      const argumentNodes = given === undefined ? [] : partsOf(given)
      if (called.type !== "identifier") return below([called, ...argumentNodes])
      const call = { name: called.text, node: called, isCall: true, argumentCount: argumentNodes.length }
      return [call, ...below(argumentNodes)]
    }
    default:
      return below(parts)
  }
}

function namesIn(node: Node): string[] {
  return node.type === "identifier" || node.type.startsWith("loop_")
    ? [node.text]
    : partsOf(node).flatMap((part) => namesIn(part))
}
