import type { TaskFileInput } from "./task-file-input.ts"

/** For who has no way to a Key Vault: each secret is a problem that names another way. */
export const refuseVaultSecrets: TaskFileInput["resolveSecrets"] = async (references) => ({
  ok: false,
  problems: references.map(({ id }) => ({
    id,
    message: "Key Vault secrets are not supported by this version; give it as a secret value: --set-secret name=value.",
  })),
})
