import type { Node } from "web-tree-sitter"
import { FUNCTIONS, jsonType } from "./bicep-language.ts"
import { partsOf } from "./bicep-syntax.ts"
import { declared, modulePath, type Template, type Templates } from "./read-template.ts"

/** The JSON type of an expression where the templates alone decide it. */
export function inferType(node: Node | undefined, template: Template, templates: Templates): string | undefined {
  if (node === undefined) return undefined
  const parts = partsOf(node)
  const infer = (part: Node | undefined) => inferType(part, template, templates)
  switch (node.type) {
    case "string":
    case "boolean":
    case "array":
    case "object":
      return node.type
    case "number":
      return "integer"
    case "for_statement":
      return "array"
    case "parenthesized_expression":
      return infer(parts[0])
    case "unary_expression":
      return node.text.startsWith("!") ? "boolean" : "integer"
    case "binary_expression":
      return /^(==|!=|=~|!~|>=?|<=?|&&|\|\|)$/.test(node.childForFieldName("operator")?.text ?? "")
        ? "boolean"
        : undefined
    case "ternary_expression": {
      const [one, other] = [infer(parts[1]), infer(parts[2])]
      return one === other ? one : undefined
    }
    case "call_expression": {
      const result = FUNCTIONS.get(parts[0]?.text ?? "")
      return result === "any" ? undefined : result
    }
    case "member_expression":
      return outputType(node, template, templates)
    case "identifier": {
      const found = template.declarations.find(({ name, kind }) => name === node.text && kind !== "output")
      if (found?.kind === "param") return jsonType(found.type)
      return found?.kind === "var" ? infer(found.value) : undefined
    }
    default:
      return undefined
  }
}

/** `<module>.outputs.<name>`; undefined when the expression is something else. */
export function moduleOutput(node: Node, template: Template): { module: string; output: string } | undefined {
  const [object, output] = partsOf(node)
  if (node.type !== "member_expression" || object?.type !== "member_expression" || output === undefined)
    return undefined
  const [module, outputs] = partsOf(object)
  if (module === undefined || outputs?.text !== "outputs") return undefined
  const isModule = declared(template, "module").some(({ name }) => name === module.text)
  return isModule ? { module: module.text, output: output.text } : undefined
}

function outputType(node: Node, template: Template, templates: Templates): string | undefined {
  const used = moduleOutput(node, template)
  const module = declared(template, "module").find(({ name }) => name === used?.module)
  const target = module === undefined ? undefined : templates.get(modulePath(template, module))
  const output = target === undefined ? undefined : declared(target, "output").find(({ name }) => name === used?.output)
  return output === undefined ? undefined : jsonType(output.type)
}
