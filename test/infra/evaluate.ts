import type { Node } from "web-tree-sitter"
import { partsOf } from "./bicep-syntax.ts"
import { declared, stringOf, type Template } from "./read-template.ts"

/** What only a deployment knows; `text` is its source. */
export class Unknown {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

/** The value of an expression as far as the template alone decides it: literals, variables, loops over them. */
export function evaluate(node: Node | undefined, template: Template, locals: Record<string, unknown> = {}): unknown {
  if (node === undefined) return undefined
  const parts = partsOf(node)
  switch (node.type) {
    case "string":
      return stringOf(node) ?? new Unknown(node.text)
    case "number":
      return Number(node.text)
    case "boolean":
      return node.text === "true"
    case "array":
      return parts.map((part) => evaluate(part, template, locals))
    case "object":
      return Object.fromEntries(
        propertiesOf(node).map(({ name, value }) => [name, evaluate(value, template, locals)] as const),
      )
    case "identifier": {
      if (Object.hasOwn(locals, node.text)) return locals[node.text]
      const variable = declared(template, "var").find(({ name }) => name === node.text)
      return variable === undefined ? new Unknown(node.text) : evaluate(variable.value, template)
    }
    case "for_statement": {
      const [variable, list, body] = parts
      const items = evaluate(list, template, locals)
      if (!Array.isArray(items) || variable?.type !== "identifier") return new Unknown(node.text)
      return items.map((item) => evaluate(body, template, { ...locals, [variable.text]: item }))
    }
    default:
      return new Unknown(node.text)
  }
}

/** The properties of an object literal. An interpolated name reads as its source. */
export function propertiesOf(object: Node): { name: string; key: Node; value: Node }[] {
  return partsOf(object).flatMap((property) => {
    const [key, value] = partsOf(property)
    if (property.type !== "object_property" || key === undefined || value === undefined) return []
    return [{ name: stringOf(key) ?? key.text, key, value }]
  })
}
