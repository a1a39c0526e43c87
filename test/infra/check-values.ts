import type { Node } from "web-tree-sitter"
import { type Problem, partsOf, problemAt } from "./bicep-syntax.ts"
import { propertiesOf } from "./evaluate.ts"
import { inferType } from "./infer-type.ts"
import { declared, stringOf, type Template, type Templates } from "./read-template.ts"
import type { ResourceType, Schema } from "./type-schema.ts"

type Context = { template: Template; templates: Templates; type: ResourceType }

/** Holds an expression against the schema of the property that it is given to, as far as it is literal. */
export function checkValue(node: Node, given: Schema, context: Context, path: string): Problem[] {
  const { template, templates, type } = context
  const schema = type.resolve(given)
  const parts = partsOf(node)
  const again = (part: Node | undefined) => (part === undefined ? [] : checkValue(part, schema, context, path))
  const fault = (message: string) => [problemAt(template.file, node, `${path}: ${message}`)]

  switch (node.type) {
    case "parenthesized_expression":
      return again(parts[0])
    case "ternary_expression":
      return [...again(parts[1]), ...again(parts[2])]
    case "object":
      return isOf(schema, "object") ? checkObject(node, schema, context, path) : fault(`is no ${schema.type}`)
    case "array":
      if (!isOf(schema, "array")) return fault(`is no ${schema.type}`)
      return parts.flatMap((part) => checkValue(part, schema.items ?? {}, context, `${path}[]`))
    case "for_statement": {
      if (!isOf(schema, "array")) return fault(`is no ${schema.type}`)
      const body = parts.at(-1)
      return body === undefined ? [] : checkValue(body, schema.items ?? {}, context, `${path}[]`)
    }
    case "call_expression":
      if (parts[0]?.text === "union" && parts[1] !== undefined) return partsOf(parts[1]).flatMap(again)
      break
    case "identifier": {
      const variable = declared(template, "var").find(({ name }) => name === node.text)
      if (variable !== undefined) return again(variable.value)
      const parameter = declared(template, "param").find(({ name }) => name === node.text)
      const allowed = parameter?.decorators.get("allowed")?.[0]
      if (allowed !== undefined) return partsOf(allowed).flatMap(again)
      break
    }
    case "string":
    case "number":
    case "boolean":
      return literalFaults(node, schema).flatMap(fault)
  }
  const found = inferType(node, template, templates)
  return found === undefined || isOf(schema, found) ? [] : fault(`is ${found}, not ${schema.type}`)
}

function isOf(schema: Schema, type: string): boolean {
  if (schema.oneOf !== undefined) return type === "object"
  const own = schema.type ?? (schema.const !== undefined || schema.enum !== undefined ? "string" : undefined)
  return own === undefined || own === type || (own === "number" && type === "integer")
}

function checkObject(node: Node, schema: Schema, context: Context, path: string): Problem[] {
  const { file } = context.template
  const properties = propertiesOf(node)
  const shape = schema.oneOf === undefined ? schema : chooseShape(schema, properties, context)
  if (shape === undefined) {
    const name = schema["x-discriminator"]
    return [problemAt(file, node, `${path}: ${name} must be one of the listed literals`)]
  }
  const names = new Set(properties.map(({ name }) => name))
  const problems = (shape.required ?? [])
    .filter((name) => !names.has(name))
    .map((name) => problemAt(file, node, `${path}: ${name} is required`))
  if (names.size < properties.length) problems.push(problemAt(file, node, `${path}: a property is given twice`))
  for (const { name, key, value } of properties) {
    const { additionalProperties } = shape
    const property =
      shape.properties?.[name] ?? (typeof additionalProperties === "object" ? additionalProperties : undefined)
    const at = path === "" ? name : `${path}.${name}`
    if (property === undefined) problems.push(problemAt(file, key, `${at}: no such property`))
    else if (property.readOnly === true) problems.push(problemAt(file, key, `${at}: is read-only`))
    else problems.push(...checkValue(value, property, context, at))
  }
  return problems
}

function chooseShape(
  schema: Schema,
  properties: ReturnType<typeof propertiesOf>,
  { type }: Context,
): Schema | undefined {
  const discriminator = schema["x-discriminator"] ?? ""
  const chosen = stringOf(properties.find(({ name }) => name === discriminator)?.value)
  return schema.oneOf
    ?.map((one) => type.resolve(one))
    .find(
      ({ properties: own }) => own?.[discriminator] !== undefined && type.resolve(own[discriminator]).const === chosen,
    )
}

function literalFaults(node: Node, schema: Schema): string[] {
  const type = node.type === "number" ? "integer" : node.type
  if (!isOf(schema, type)) return [`is ${type}, not ${schema.type}`]
  const text = stringOf(node)
  const value = node.type === "string" ? text : JSON.parse(node.text)
  if (value === undefined) return []
  const faults: string[] = []
  // Known values are open in Azure; a literal that is none of them is a slip far more often than news.
  const listed = schema.enum ?? schema["x-known-values"]
  if (listed !== undefined && !listed.includes(value)) faults.push(`${value} is none of ${listed.join(", ")}`)
  if (schema.const !== undefined && schema.const !== value) faults.push(`${value} must be ${schema.const}`)
  if (text !== undefined) {
    if (schema.pattern !== undefined && !new RegExp(schema.pattern).test(text))
      faults.push(`${text} ≠ ${schema.pattern}`)
    if (text.length < (schema.minLength ?? 0)) faults.push(`${text} is shorter than ${schema.minLength}`)
    if (text.length > (schema.maxLength ?? Number.POSITIVE_INFINITY)) faults.push(`longer than ${schema.maxLength}`)
  }
  if (typeof value === "number") {
    if (value < (schema.minimum ?? Number.NEGATIVE_INFINITY)) faults.push(`${value} is below ${schema.minimum}`)
    if (value > (schema.maximum ?? Number.POSITIVE_INFINITY)) faults.push(`${value} is above ${schema.maximum}`)
  }
  return faults
}
