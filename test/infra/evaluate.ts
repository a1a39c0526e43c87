import type { Node } from "web-tree-sitter"
import { partsOf } from "./bicep-syntax.ts"
import { stringOf } from "./read-template.ts"

/** What only Azure knows, or what this evaluator does not; `text` is its source. */
export class Unknown {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

export type Values = Record<string, unknown>

/** The functions that our templates use and whose result does not depend on Azure. */
const PURE: Record<string, (...values: never[]) => unknown> = {
  empty: (value: string | object) => (typeof value === "string" ? value : Object.keys(value)).length === 0,
  replace: (text: string, from: string, to: string) => text.replaceAll(from, to),
  split: (text: string, by: string) => text.split(by),
  take: (text: string, count: number) => text.slice(0, count),
  toLower: (text: string) => text.toLowerCase(),
  union: (...objects: object[]) => Object.assign({}, ...objects),
  // Stand-ins for hashes: 13 letters, and a name that shows what it was made from.
  uniqueString: () => "abcdefghijklm",
  guid: (...texts: string[]) => texts.join("|"),
  subscriptionResourceId: (type: string, name: string) => `${type}/${name}`,
}

/** The value of an expression, given those of the names and argument-less functions (`tenant()`) in it. */
export function evaluate(node: Node | undefined, values: Values): unknown {
  if (node === undefined) return undefined
  const parts = partsOf(node)
  const unknown = new Unknown(node.text)
  const again = (part: Node | undefined) => evaluate(part, values)
  switch (node.type) {
    case "string": {
      if (stringOf(node) !== undefined) return stringOf(node)
      const pieces = parts.map((part) => (part.type === "interpolation" ? again(partsOf(part)[0]) : part.text))
      return pieces.some((piece) => piece instanceof Unknown) ? unknown : pieces.join("")
    }
    case "number":
      return Number(node.text)
    case "boolean":
      return node.text === "true"
    case "array":
      return parts.map(again)
    case "object":
      return Object.fromEntries(propertiesOf(node).map(({ key, name, value }) => [nameOf(key, name), again(value)]))
    case "identifier":
      return Object.hasOwn(values, node.text) ? values[node.text] : unknown
    case "parenthesized_expression":
      return again(parts[0])
    case "unary_expression":
      return node.text.startsWith("!") ? !again(parts[0]) : unknown
    case "binary_expression":
      return node.childForFieldName("operator")?.text === "==" ? again(parts[0]) === again(parts[1]) : unknown
    case "ternary_expression": {
      const condition = again(parts[0])
      return typeof condition === "boolean" ? again(parts[condition ? 1 : 2]) : unknown
    }
    case "member_expression":
    case "subscript_expression": {
      const object = again(parts[0])
      const name = node.type === "member_expression" ? parts[1]?.text : again(parts[1])
      return memberOf(object, String(name)) ?? unknown
    }
    case "call_expression": {
      if (Object.hasOwn(values, node.text)) return values[node.text]
      const call = PURE[parts[0]?.text ?? ""]
      const given = parts[1] === undefined ? [] : partsOf(parts[1]).map(again)
      return call === undefined || given.some((one) => one instanceof Unknown) ? unknown : call(...(given as never[]))
    }
    case "for_statement": {
      const [variable, list, body] = parts
      const items = again(list)
      if (!Array.isArray(items) || variable?.type !== "identifier") return unknown
      return items.map((item) => evaluate(body, { ...values, [variable.text]: item }))
    }
    case "if_statement":
      return again(parts[0]) === true ? again(parts[1]) : undefined
    default:
      return unknown
  }

  function nameOf(key: Node, name: string): string {
    return key.type === "string" ? String(again(key)) : name
  }
}

function memberOf(object: unknown, name: string): unknown {
  return typeof object === "object" && object !== null ? (object as Values)[name] : undefined
}

/** The properties of an object literal. An interpolated name reads as its source. */
export function propertiesOf(object: Node): { name: string; key: Node; value: Node }[] {
  return partsOf(object).flatMap((property) => {
    const [key, value] = partsOf(property)
    if (property.type !== "object_property" || key === undefined || value === undefined) return []
    return [{ name: stringOf(key) ?? key.text, key, value }]
  })
}
