import { readdirSync, readFileSync } from "node:fs"
import { dirname, join, posix } from "node:path"
import { fileURLToPath } from "node:url"
import type { Node } from "web-tree-sitter"
import { parseBicep, partsOf } from "./bicep-syntax.ts"

export type Kind = "param" | "var" | "resource" | "module" | "output"

/** One declaration of a template. */
export type Declaration = {
  kind: Kind
  name: string
  node: Node
  /** Names of its decorators and their arguments. */
  decorators: Map<string, Node[]>
  /** The type of a param or output as written, the `type@version` of a resource, the path of a module. */
  type: string
  /** The default of a param, the value of a var or output, the body (object, loop or condition) of a resource or module. */
  value: Node | undefined
  isExisting: boolean
}

export type Template = { file: string; root: Node; scope: string; declarations: Declaration[] }

/** Templates by path relative to the folder of the first one, with forward slashes. */
export type Templates = Map<string, Template>

const KINDS: Record<string, Kind> = {
  parameter_declaration: "param",
  variable_declaration: "var",
  resource_declaration: "resource",
  module_declaration: "module",
  output_declaration: "output",
}

export function readTemplate(file: string, text: string): Template {
  const root = parseBicep(file, text)
  const declarations: Declaration[] = []
  let scope = "resourceGroup"
  let decorators = new Map<string, Node[]>()
  for (const node of partsOf(root)) {
    const kind = KINDS[node.type]
    if (node.type === "target_scope_assignment") scope = stringOf(partsOf(node)[0]) ?? "?"
    if (node.type === "decorators") decorators = readDecorators(node)
    else {
      if (kind !== undefined) declarations.push(readDeclaration(kind, node, decorators))
      decorators = new Map()
    }
  }
  return { file, root, scope, declarations }
}

/** Every template of `infra/`, or of the texts given. */
export function readTemplates(texts: Record<string, string>): Templates {
  return new Map(Object.entries(texts).map(([file, text]) => [file, readTemplate(file, text)]))
}

export const INFRA = fileURLToPath(new URL("../../infra/", import.meta.url))

/** The texts of all files in `infra/` with one of these endings. */
export function readInfra(ending: string): Record<string, string> {
  const files = readdirSync(INFRA, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(ending))
  return Object.fromEntries(files.map((file) => [file.replaceAll("\\", "/"), readFileSync(join(INFRA, file), "utf8")]))
}

/** The file that a module declaration names, as a key of {@link Templates}. */
export function modulePath(from: Template, module: Declaration): string {
  return posix.join(dirname(from.file), module.type)
}

export function declared(template: Template, kind: Kind): Declaration[] {
  return template.declarations.filter((declaration) => declaration.kind === kind)
}

/** A plain string literal; undefined for anything else, interpolated strings included. */
export function stringOf(node: Node | undefined): string | undefined {
  if (node?.type !== "string" || partsOf(node).some(({ type }) => type !== "string_content")) return undefined
  return partsOf(node)
    .map(({ text }) => text)
    .join("")
}

/** The object that a resource or module is made from, below its condition or loop. */
export function bodyOf(declaration: Declaration): Node | undefined {
  let node = declaration.value
  while (node !== undefined && node.type !== "object") node = partsOf(node).at(-1)
  return node
}

function readDecorators(node: Node): Map<string, Node[]> {
  const calls = partsOf(node).flatMap((decorator) => partsOf(decorator))
  return new Map(calls.map((call) => [partsOf(call)[0]?.text ?? "?", partsOf(partsOf(call)[1] ?? call)]))
}

function readDeclaration(kind: Kind, node: Node, decorators: Map<string, Node[]>): Declaration {
  const [name, second, third] = partsOf(node)
  const isTyped = kind !== "var"
  return {
    kind,
    name: name?.text ?? "?",
    node,
    decorators,
    type: (isTyped ? (stringOf(second) ?? second?.text) : undefined) ?? "",
    value: isTyped ? third : second,
    isExisting: node.children.some((child) => child?.type === "existing"),
  }
}
