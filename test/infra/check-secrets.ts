import type { Node } from "web-tree-sitter"
import { type Problem, partsOf, problemAt, walk } from "./bicep-syntax.ts"
import { propertiesOf } from "./evaluate.ts"
import { bodyOf, declared, modulePath, type Template, type Templates } from "./read-template.ts"

/** Ids of built-in roles that templates may give, by the name that the templates give them. */
export const ROLES: Record<string, string> = {
  keyVaultSecretsUser: "4633458b-17de-408a-b874-0445c86b69e6",
  monitoringMetricsPublisher: "3913510d-42f4-4e42-8a64-420c390055eb",
  reader: "acdd72a7-3385-48ef-bd42-f606fba81ae7",
  serviceBusDataReceiver: "4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0",
  serviceBusDataSender: "69a216fc-b8fb-44d8-bc22-1f3c2cd27a39",
  storageBlobDataOwner: "b7e6dc6d-f1e8-4753-8033-0f276bb0955b",
  storageTableDataContributor: "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3",
}

const GUID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/i
const KEY =
  /(?=[A-Za-z+/_-]*\d)[A-Za-z0-9+/_-]{40,}={0,2}|AccountKey=|SharedAccessKey|[?&]sig=|-----BEGIN|password\s*[:=]/i
const SECRET_NAME = /password|secret|token|key|credential/i

/** No key in a text, none fetched, only known roles. */
export function checkKeys(template: Template): Problem[] {
  const problems: Problem[] = []
  for (const node of walk(template.root)) {
    if (node.type === "string_content") {
      const guid = GUID.exec(node.text)?.[0]
      const property = node.parent?.parent
      const name = property?.type === "object_property" ? partsOf(property)[0]?.text : undefined
      if (guid !== undefined) {
        if (ROLES[name ?? ""] !== guid) problems.push(problemAt(template.file, node, `${guid} is not the role ${name}`))
      } else if (KEY.test(node.text)) problems.push(problemAt(template.file, node, "looks like a key"))
    }
    if (node.type === "property_identifier" && /^list[A-Z]/.test(node.text)) {
      problems.push(problemAt(template.file, node, `${node.text} hands out a key`))
    }
  }
  for (const { name, decorators, value, node } of declared(template, "param")) {
    const isEmpty = value === undefined || value.text === "''" || value.type === "call_expression"
    const isSecret = decorators.has("secure") || (SECRET_NAME.test(name) && !/Uri$|Name$/.test(name))
    if (isSecret && !isEmpty) problems.push(problemAt(template.file, node, `secret ${name} has a default`))
  }
  return problems
}

/** What comes from a secure parameter ends in a vault's secret or a secure parameter, never in a setting or an output. */
export function checkSecretFlow(template: Template, templates: Templates): Problem[] {
  const problems: Problem[] = []
  const tainted = taintedNames(template)
  const report = (node: Node, where: string) =>
    problems.push(problemAt(template.file, node, `a secret goes into ${where}`))

  for (const { name, value } of declared(template, "output")) {
    if (value !== undefined && isTainted(value, tainted)) report(value, `output ${name}`)
  }
  for (const { type, value, node, name } of declared(template, "resource")) {
    const body = bodyOf({ kind: "resource", name, node, decorators: new Map(), type, value, isExisting: false })
    for (const { path, leaf } of body === undefined ? [] : leaves(body)) {
      const isVaultSecret = type.startsWith("Microsoft.KeyVault/vaults/secrets@") && path === "properties.value"
      if (!isVaultSecret && isTainted(leaf, tainted)) report(leaf, `${name}.${path}`)
    }
  }
  for (const module of declared(template, "module")) {
    const target = templates.get(modulePath(template, module))
    const body = bodyOf(module)
    const params = body === undefined ? undefined : propertiesOf(body).find(({ name }) => name === "params")?.value
    for (const { name, value } of params === undefined ? [] : propertiesOf(params)) {
      const param = target === undefined ? undefined : declared(target, "param").find((one) => one.name === name)
      if (param?.decorators.has("secure") !== true && isTainted(value, tainted)) report(value, `open parameter ${name}`)
    }
  }
  return problems
}

/** Secure parameters and the variables made of them. */
function taintedNames(template: Template): Set<string> {
  const tainted = new Set(
    declared(template, "param")
      .filter(({ decorators }) => decorators.has("secure"))
      .map(({ name }) => name),
  )
  const variables = declared(template, "var")
  for (let before = -1; before < tainted.size; ) {
    before = tainted.size
    for (const { name, value } of variables) if (value !== undefined && isTainted(value, tainted)) tainted.add(name)
  }
  return tainted
}

/** Whether a secret is there says nothing about it: `empty(secret)` is open. */
function isTainted(node: Node, tainted: ReadonlySet<string>): boolean {
  if (node.type === "call_expression" && partsOf(node)[0]?.text === "empty") return false
  if (node.type === "identifier") return tainted.has(node.text)
  return partsOf(node).some((part) => isTainted(part, tainted))
}

function leaves(node: Node, path = ""): { path: string; leaf: Node }[] {
  if (node.type !== "object") return [{ path, leaf: node }]
  return propertiesOf(node).flatMap(({ name, value }) => leaves(value, path === "" ? name : `${path}.${name}`))
}
