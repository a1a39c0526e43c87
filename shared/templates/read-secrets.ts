import { isAlias, isMap, isScalar, isSeq, parseDocument } from "yaml"
import type { SecretReference } from "../task-file/task.ts"

/**
 * The secrets that a task file names, read after the first rendering (task-file 1, 5; 2 "secrets"). A text without a `secrets`
 * section has none. The problem is one line for the user, in ACR's words.
 */
export function readSecrets(text: string): { ok: true; secrets: SecretReference[] } | { ok: false; problem: string } {
  const document = parseDocument(text, { version: "1.1", uniqueKeys: false, prettyErrors: false, schema: "failsafe" })
  const [error] = document.errors
  if (error !== undefined) return { ok: false, problem: error.message }
  const node = isMap(document.contents) ? document.contents.get("secrets", true) : undefined
  const section = isAlias(node) ? node.resolve(document) : node
  if (section === undefined || (isScalar(section) && section.value === "")) return { ok: true, secrets: [] }
  if (!isSeq(section)) return { ok: false, problem: "secrets must be a list" }
  const secrets: SecretReference[] = []
  for (const item of section.items) {
    const map = isAlias(item) ? item.resolve(document) : item
    const textIn = (key: string) => (isMap(map) ? String(map.get(key) ?? "") : "")
    const secret = { id: textIn("id"), keyVault: textIn("keyvault"), clientId: textIn("clientID") }
    const problem = problemOf(secret)
    if (problem !== undefined) {
      return { ok: false, problem: `failed to validate secret with ID: ${secret.id}: ${problem}` }
    }
    if (secrets.some(({ id }) => id === secret.id))
      return { ok: false, problem: `duplicate secret found with ID: ${secret.id}` }
    secrets.push(secret)
  }
  return { ok: true, secrets }
}

function problemOf({ id, keyVault, clientId }: SecretReference): string | undefined {
  if (id === "") return "secret is missing an ID"
  if (/\s/.test(id)) return "secret ID cannot contain spaces"
  if (keyVault === "") {
    return "secret should contain either keyvault property for vault secret, or msi clientID/aadResourceId for msi authentication"
  }
  const isUuid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(clientId)
  return clientId === "" || isUuid ? undefined : "client ID is not a valid UUID"
}
