import { DECORATORS, DEFAULTS_ONLY, FUNCTIONS, PARAMETER_FILES_ONLY } from "./bicep-language.ts"
import { type Problem, partsOf, problemAt } from "./bicep-syntax.ts"
import { declared, type Template } from "./read-template.ts"
import { type Reference, referencesIn } from "./references.ts"

const NAMESPACES = new Set(["az", "sys"])

/** Every name used is declared and means what it is used for; every parameter, variable and existing resource is used. */
export function checkNames(template: Template): Problem[] {
  const { file, root, declarations } = template
  const byName = new Map<string, (typeof declarations)[number]>()
  const used = new Set<string>()
  const problems: Problem[] = []
  const report = (node: Reference["node"], message: string) => problems.push(problemAt(file, node, message))

  for (const declaration of declarations) {
    if (declaration.kind === "output") continue
    if (byName.has(declaration.name)) report(declaration.node, `${declaration.name} is declared twice`)
    byName.set(declaration.name, declaration)
  }
  for (const node of partsOf(root)) {
    const isDefault = node.type === "parameter_declaration"
    for (const reference of node.type === "using_statement" ? [] : referencesIn(node)) {
      if (reference.isCall) {
        const message = misuse(reference, template, isDefault)
        if (message !== undefined) report(reference.node, message)
      } else if (isDeclaredName(reference)) {
      } else {
        used.add(reference.name)
        if (!byName.has(reference.name) && !NAMESPACES.has(reference.name)) {
          report(reference.node, `${reference.name} is not declared`)
        }
      }
    }
  }
  for (const { kind, name, node, isExisting, decorators } of declarations) {
    const mustBeUsed = kind === "param" || kind === "var" || isExisting
    if (mustBeUsed && !used.has(name) && !file.endsWith(".bicepparam")) report(node, `${name} is never used`)
    for (const decorator of decorators.keys()) {
      if (!DECORATORS.has(decorator)) report(node, `@${decorator} is not a decorator`)
    }
  }
  for (const { name, node, decorators } of declared(template, "param")) {
    if (!decorators.has("description")) report(node, `parameter ${name} has no description`)
  }
  return problems
}

/** The name in `param name …` is the first identifier of its declaration and no use of it. */
function isDeclaredName({ node }: Reference): boolean {
  return node.parent?.type.endsWith("_declaration") === true && partsOf(node.parent)[0]?.id === node.id
}

function misuse({ name, argumentCount }: Reference, template: Template, isDefault: boolean): string | undefined {
  if (/^list[A-Z]/.test(name)) return `${name} hands out a key`
  if (!FUNCTIONS.has(name)) return `${name} is not a function`
  if (DEFAULTS_ONLY.has(name) && !isDefault) return `${name} works in parameter defaults only`
  if (PARAMETER_FILES_ONLY.has(name) && !template.file.endsWith(".bicepparam"))
    return `${name} works in .bicepparam only`
  if (name === "resourceGroup" && template.scope === "subscription" && argumentCount === 0) {
    return "a template of subscription scope has no resource group of its own"
  }
  return undefined
}
