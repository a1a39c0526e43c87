import type { SecretReference } from "../task.ts"
import type { TaskFile } from "../task-file-schema.ts"
import type { Report } from "./report.ts"

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const WHITE_SPACE = /\p{White_Space}/u

/** The `secrets` of a task (task-file 2): an id each, unique, and where the secret is. */
export function checkSecrets(file: TaskFile, report: Report): SecretReference[] {
  const ids = new Set<string>()
  return (file.secrets ?? []).map(({ id = "", keyvault = "", clientID = "" }, index) => {
    const path = ["secrets", index]
    const problem = (message: string, ...key: string[]) => report.problem(message, report.places.of([...path, ...key]))
    const isBad = report.places.isBad(path)

    if (id === "") {
      if (!isBad && !report.places.isBad([...path, "id"])) problem("secret is missing an ID: give it an id.", "id")
    } else if (WHITE_SPACE.test(id)) problem("secret ID cannot contain spaces: use letters, digits, - and _.", "id")
    else if (ids.has(id)) problem(`duplicate secret found with ID: ${id}. Rename or remove one of them.`, "id")
    ids.add(id)
    if (keyvault === "" && !isBad && !report.places.isBad([...path, "keyvault"])) {
      problem(
        `failed to validate secret with ID: ${id}: it needs keyvault, the URL of a secret in a Key Vault.`,
        "keyvault",
      )
    }
    if (clientID !== "" && !UUID.test(clientID)) {
      problem(`failed to validate secret with ID: ${id}: msi client ID is not a valid guid.`, "clientID")
    }
    return { id, keyVault: keyvault, clientId: clientID }
  })
}
