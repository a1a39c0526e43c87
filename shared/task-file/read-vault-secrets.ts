import { readSecrets } from "../secrets/read-secrets.ts"
import type { SecretSource } from "../secrets/secret-source.ts"
import type { TaskFileInput } from "./task-file-input.ts"

/** Reads a task file's `secrets`. `onValues` hears of all that were found before anybody sees one, so that they can be masked. */
export function readVaultSecrets(
  source: SecretSource,
  onValues: (values: string[]) => void,
  signal: AbortSignal,
): TaskFileInput["resolveSecrets"] {
  return async (references) => {
    const locations = references.map(({ keyVault, clientId }) => ({ type: "vault" as const, url: keyVault, clientId }))
    const answers = await readSecrets(source, locations, signal)
    onValues(answers.flatMap((answer) => (answer.ok ? [answer.value] : [])))
    const values: Record<string, string> = {}
    const problems: { id: string; message: string }[] = []
    for (const [at, answer] of answers.entries()) {
      const id = references[at]?.id ?? ""
      if (answer.ok) values[id] = answer.value
      else problems.push({ id, message: answer.message })
    }
    return problems.length === 0 ? { ok: true, values } : { ok: false, problems }
  }
}
