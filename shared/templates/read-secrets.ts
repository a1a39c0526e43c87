import { parseDocument } from "yaml"
import type { SecretReference } from "../task-file/task.ts"

/**
 * The secrets that a task file names, read after the first rendering (task-file 1, 5; 2 "secrets"). A text without a `secrets`
 * section has none. The problem is one line for the user, in ACR's words.
 */
export function readSecrets(text: string): { ok: true; secrets: SecretReference[] } | { ok: false; problem: string } {
  const document = parseDocument(text, { version: "1.1", uniqueKeys: false, prettyErrors: false, schema: "failsafe" })
  const [error] = document.errors
  if (error !== undefined) return { ok: false, problem: error.message }
  const section: unknown = Object(document.toJS({ maxAliasCount: 100 })).secrets
  if (section === undefined || section === null || section === "") return { ok: true, secrets: [] }
  if (!Array.isArray(section)) return { ok: false, problem: "secrets must be a list" }
  const secrets: SecretReference[] = []
  for (const item of section) {
    const secret = { id: textIn(item, "id"), keyVault: textIn(item, "keyvault"), clientId: textIn(item, "clientID") }
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

function textIn(item: unknown, key: string): string {
  const value: unknown = Object(item)[key]
  return typeof value === "string" ? value : ""
}
