import type { SecretLocation, SecretSource } from "./secret-source.ts"

const WAYS_OUT: Record<SecretLocation["type"], string> = {
  vault:
    "Key Vault secrets are not supported by this version; give it as a secret value (--set-secret name=value), or a login's as Opaque.",
  registry: "identities that sign in are not supported by this version; give userName and password as Opaque.",
}

/** Where neither vaults nor identities are within reach: each secret is refused with another way to give it. */
export const noSecretSource: SecretSource = {
  read: async ({ type }) => ({ ok: false, message: WAYS_OUT[type] }),
}
