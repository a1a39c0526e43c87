import type { Node } from "web-tree-sitter"
import { SUBSCRIPTION_TYPES } from "./bicep-language.ts"
import { type Problem, partsOf, problemAt, walk } from "./bicep-syntax.ts"
import { checkValue } from "./check-values.ts"
import { propertiesOf } from "./evaluate.ts"
import { bodyOf, type Declaration, declared, stringOf, type Template, type Templates } from "./read-template.ts"
import { type ResourceType, resourceType, type Schema } from "./type-schema.ts"

/** What Bicep adds to a resource's own properties. */
const BICEP_PROPERTIES = new Set(["parent", "scope", "dependsOn"])

/** Each resource has a listed type, a fitting parent and scope, and only properties that its type lets a template set. */
export function checkResources(template: Template, templates: Templates): Problem[] {
  const problems = declared(template, "resource").flatMap((resource) => checkResource(resource, template, templates))
  return [...problems, ...checkPropertyReads(template)]
}

function checkResource(resource: Declaration, template: Template, templates: Templates): Problem[] {
  const { file } = template
  const type = resourceType(resource.type)
  const body = bodyOf(resource)
  if (type === undefined) return [problemAt(file, resource.node, `${resource.type} is not listed`)]
  if (body === undefined) return [problemAt(file, resource.node, `${resource.name} has no body`)]

  const problems = checkPlace(resource, body, template)
  const properties = propertiesOf(body)
  const own = properties.filter(({ name }) => !BICEP_PROPERTIES.has(name))
  const names = new Set(own.map(({ name }) => name))
  if (resource.isExisting) {
    for (const { name, key } of own) {
      if (name !== "name") problems.push(problemAt(file, key, `${name}: an existing resource is only looked up`))
    }
    return problems
  }
  const context = { template, templates, type }
  const shape = { ...type.root, properties: { ...type.root.properties } }
  for (const name of BICEP_PROPERTIES) if (!names.has(name)) shape.properties[name] = {}
  if (type.root.oneOf === undefined) return [...problems, ...checkValue(body, shape, context, "")]
  const open = type.root.oneOf.map((one) => {
    const variant = type.resolve(one)
    return { ...variant, properties: { ...variant.properties, parent: {}, scope: {}, dependsOn: {} } }
  })
  return [...problems, ...checkValue(body, { ...type.root, oneOf: open }, context, "")]
}

/** Parent, nesting and scope fit together. */
function checkPlace(resource: Declaration, body: Node, template: Template): Problem[] {
  const { file } = template
  const typeName = resource.type.split("@")[0] ?? ""
  const find = (name: string) => propertiesOf(body).find((property) => property.name === name)
  const [parent, scope, name] = [find("parent"), find("scope"), find("name")]
  const depth = typeName.split("/").length - 2
  const problems: Problem[] = []
  const report = (node: Node, message: string) => problems.push(problemAt(file, node, `${resource.name}: ${message}`))

  if (parent !== undefined) {
    const owner = declared(template, "resource").find((other) => other.name === parent.value.text)
    const ownerType = owner?.type.split("@")[0]
    const expected = typeName.slice(0, typeName.lastIndexOf("/"))
    if (ownerType !== expected) report(parent.key, `its parent is ${ownerType ?? "no resource"}, not ${expected}`)
    if (name?.value.text.includes("/")) report(name.key, "a child's name is without its parent's")
  } else if (depth > 0 && (stringOf(name?.value) ?? "").split("/").length !== depth + 1) {
    report(resource.node, "has no parent")
  }
  if (scope !== undefined && scope.value.type === "identifier") {
    const target = declared(template, "resource").some((other) => other.name === scope.value.text)
    if (!target) report(scope.key, `its scope ${scope.value.text} is no resource`)
  }
  if (template.scope === "subscription" && scope === undefined && !SUBSCRIPTION_TYPES.has(typeName)) {
    report(resource.node, `${typeName} belongs into a module of resource group scope`)
  }
  return problems
}

/** `<resource>.a.b` names properties that the resource has; `<variable>.a` a key of that variable's object. */
function checkPropertyReads(template: Template): Problem[] {
  const resources = new Map(declared(template, "resource").map((resource) => [resource.name, resource]))
  const variables = new Map(declared(template, "var").map((variable) => [variable.name, variable]))
  const problems: Problem[] = []
  for (const node of walk(template.root)) {
    if (node.type !== "member_expression" || node.parent?.type === "member_expression") continue
    const [root, ...path] = pathOf(node)
    if (root === undefined) continue
    const type = resourceType(resources.get(root.text)?.type ?? "")
    const missing = type === undefined ? undefined : missingIn(type.root, path, type)
    const object = variables.get(root.text)?.value
    const isKnown = object?.type !== "object" || propertiesOf(object).some(({ name }) => name === path[0])
    if (missing !== undefined || !isKnown) {
      problems.push(problemAt(template.file, node, `${root.text} has no ${missing ?? path[0]}`))
    }
  }
  return problems
}

function pathOf(node: Node): [Node | undefined, ...string[]] {
  const [object, property] = partsOf(node)
  if (object === undefined || property === undefined) return [undefined]
  if (object.type === "identifier") return [object, property.text]
  if (object.type !== "member_expression") return [undefined]
  const [root, ...path] = pathOf(object)
  return [root, ...path, property.text]
}

function missingIn(schema: Schema, [name, ...rest]: string[], type: ResourceType): string | undefined {
  if (name === undefined) return undefined
  const resolved = type.resolve(schema)
  const shapes = resolved.oneOf === undefined ? [resolved] : resolved.oneOf.map((one) => type.resolve(one))
  const found = shapes.map((shape) => shape.properties?.[name]).find((property) => property !== undefined)
  if (found !== undefined) return missingIn(found, rest, type)
  const isOpen = shapes.some(
    (shape) => shape.properties === undefined || typeof shape.additionalProperties === "object",
  )
  return isOpen ? undefined : name
}
