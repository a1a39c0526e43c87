import { readKeyVaultUrl } from "../../secrets/read-key-vault-url.ts"
import type { SecretReference } from "../task.ts"
import type { TaskFile } from "../task-file-schema.ts"
import type { Report } from "./report.ts"

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const WHITE_SPACE = /\p{White_Space}/u

/** Each is a question to the service. */
const MAX_SECRETS = 100

/** The `secrets` of a task (task-file 2): an id each, unique, and where the secret is. */
export function checkSecrets(file: TaskFile, report: Report): SecretReference[] {
  const ids = new Set<string>()
  if ((file.secrets?.length ?? 0) > MAX_SECRETS) {
    const message = `more than ${MAX_SECRETS} secrets: one secret may hold several values, as JSON.`
    report.problem(message, report.places.of(["secrets", MAX_SECRETS]))
  }
  return (file.secrets ?? []).map(({ id = "", keyvault = "", clientID = "" }, index) => {
    const path = ["secrets", index]
    const problem = (message: string, ...key: string[]) => report.problem(message, report.places.of([...path, ...key]))
    const isBad = report.places.isBad(path)

    const invalid = (what: string, key: string) => problem(`failed to validate secret with ID: ${id}: ${what}`, key)

    if (id === "") {
      if (!isBad && !report.places.isBad([...path, "id"])) {
        problem("secret is missing an ID as well as auto-generated ID: give it an id.", "id")
      }
    } else if (WHITE_SPACE.test(id)) invalid("secret ID cannot contain spaces: use letters, digits, - and _.", "id")
    else if (ids.has(id)) problem(`duplicate secret found with ID: ${id}. Rename or remove one of them.`, "id")
    ids.add(id)
    if (keyvault === "" && !isBad && !report.places.isBad([...path, "keyvault"])) {
      invalid("secret should contain either keyvault property for vault secret: write the URL of a secret.", "keyvault")
    }
    if (keyvault !== "" && readKeyVaultUrl(keyvault) === undefined) {
      const form = "https://<vault>.vault.azure.net/secrets/<name>[/<version>]"
      invalid(`keyvault is no URL of a Key Vault secret: write ${form}.`, "keyvault")
    }
    if (clientID !== "" && !UUID.test(clientID)) {
      invalid("msi client ID is not a valid guid: write the client id of a managed identity.", "clientID")
    }
    return { id, keyVault: keyvault, clientId: clientID }
  })
}
