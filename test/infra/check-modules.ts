import type { Node } from "web-tree-sitter"
import { jsonType } from "./bicep-language.ts"
import { type Problem, partsOf, problemAt, walk } from "./bicep-syntax.ts"
import { propertiesOf } from "./evaluate.ts"
import { inferType, moduleOutput } from "./infer-type.ts"
import {
  bodyOf,
  type Declaration,
  declared,
  modulePath,
  stringOf,
  type Template,
  type Templates,
} from "./read-template.ts"

const MODULE_PROPERTIES = new Set(["name", "scope", "params", "dependsOn"])

/** Each module exists, is placed in a scope, gets the parameters that it wants, and has the outputs that are read. */
export function checkModules(template: Template, templates: Templates): Problem[] {
  const { file } = template
  const problems: Problem[] = []
  const modules = new Map(declared(template, "module").map((module) => [module.name, module]))
  for (const module of modules.values()) {
    const target = templates.get(modulePath(template, module))
    const body = bodyOf(module)
    if (target === undefined || body === undefined) {
      problems.push(problemAt(file, module.node, `there is no module ${module.type}`))
      continue
    }
    const properties = new Map(propertiesOf(body).map(({ name, value }) => [name, value]))
    for (const name of properties.keys()) {
      if (!MODULE_PROPERTIES.has(name)) problems.push(problemAt(file, body, `${name} is no property of a module`))
    }
    if (template.scope !== target.scope && !properties.has("scope")) {
      problems.push(problemAt(file, body, `${module.name} is of ${target.scope} scope and says not which`))
    }
    const params = properties.get("params")
    const given = params === undefined ? [] : propertiesOf(params)
    problems.push(...checkArguments(given, module.node, target, template, templates))
  }
  for (const node of walk(template.root)) {
    const used = moduleOutput(node, template)
    const module = modules.get(used?.module ?? "")
    const target = module === undefined ? undefined : templates.get(modulePath(template, module))
    if (used === undefined || target === undefined) continue
    if (!declared(target, "output").some(({ name }) => name === used.output)) {
      problems.push(problemAt(file, node, `${used.module} has no output ${used.output}`))
    }
  }
  for (const output of declared(template, "output")) {
    const [promised, found] = [jsonType(output.type), inferType(output.value, template, templates)]
    if (promised !== undefined && found !== undefined && promised !== found) {
      problems.push(problemAt(file, output.node, `output ${output.name} is ${found}, not ${promised}`))
    }
  }
  return problems
}

/** A .bicepparam file gives its template's parameters as a module declaration gives a module's. */
export function checkParameterFile(parameters: Template, templates: Templates): Problem[] {
  const using = partsOf(parameters.root).find(({ type }) => type === "using_statement")
  const target = templates.get((using === undefined ? undefined : stringOf(partsOf(using)[0])) ?? "")
  if (target === undefined) return [{ file: parameters.file, line: 1, message: "uses no template of ours" }]
  const given = declared(parameters, "var").flatMap(({ name, node, value }) =>
    value === undefined ? [] : [{ name, key: node, value }],
  )
  return checkArguments(given, parameters.root, target, parameters, templates)
}

type Given = { name: string; key: Node; value: Node }

function checkArguments(given: Given[], at: Node, target: Template, from: Template, templates: Templates): Problem[] {
  const problems: Problem[] = []
  const wanted = new Map(declared(target, "param").map((param) => [param.name, param]))
  for (const { name, key, value } of given) {
    const param = wanted.get(name)
    if (param === undefined) {
      problems.push(problemAt(from.file, key, `${target.file} has no parameter ${name}`))
      continue
    }
    for (const fault of argumentFaults(param, value, from, templates)) {
      problems.push(problemAt(from.file, key, `${name} ${fault}`))
    }
  }
  const names = new Set(given.map(({ name }) => name))
  for (const { name, value, type } of wanted.values()) {
    const isOptional = value !== undefined || type.endsWith("?")
    if (!isOptional && !names.has(name))
      problems.push(problemAt(from.file, at, `${target.file} needs parameter ${name}`))
  }
  return problems
}

function argumentFaults(param: Declaration, value: Node, from: Template, templates: Templates): string[] {
  const [wanted, found] = [jsonType(param.type), inferType(value, from, templates)]
  const faults: string[] = []
  if (wanted !== undefined && found !== undefined && wanted !== found) faults.push(`is ${found}, not ${wanted}`)
  const text = stringOf(value)
  const allowed = param.decorators.get("allowed")?.[0]
  if (text !== undefined && allowed !== undefined && !partsOf(allowed).some((one) => stringOf(one) === text)) {
    faults.push(`is ${text}, which is not allowed`)
  }
  return faults
}
