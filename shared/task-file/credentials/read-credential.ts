import { z } from "zod"

/** How a run logs in to a registry (task-file 7.6). */
export type Credential =
  | { type: "opaque"; registry: string; userName: string; password: string }
  /** At least one of both is the URL of a Key Vault secret, which `identity` (a client id) reads. */
  | { type: "vault"; registry: string; userName: CredentialPart; password: CredentialPart; identity: string }
  /** A managed identity whose token for `aadResourceId` the registry exchanges. */
  | { type: "identity"; registry: string; identity: string; aadResourceId: string }
export type CredentialPart = { isVaultSecret: boolean; text: string }
export type ReadCredential = { ok: true; credential: Credential } | { ok: false; problem: string }

const Fields = z.object({
  registry: z.string().nullish(),
  username: z.string().nullish(),
  usernameprovidertype: z.string().nullish(),
  password: z.string().nullish(),
  passwordprovidertype: z.string().nullish(),
  identity: z.string().nullish(),
  aadresourceid: z.string().nullish(),
})

/**
 * Reads a credential as acb takes it: JSON, its keys in any case. Both provider types `opaque`; or one of them `vaultsecret`; or
 * neither given, which is a managed identity. The problem is one line for the user and holds no value.
 */
export function readCredential(text: string): ReadCredential {
  const fields = fieldsOf(text)
  if (fields === undefined) return refused("unable to unmarshal Credentials from string: write a JSON object of texts")
  const registry = fields.registry ?? ""
  const userName = fields.username ?? ""
  const password = fields.password ?? ""
  const identity = fields.identity ?? ""
  const aadResourceId = fields.aadresourceid ?? ""
  const types = [fields.usernameprovidertype ?? "", fields.passwordprovidertype ?? ""].map((type) => type.toLowerCase())
  if (registry === "") return refused("registry name can't be empty")

  const isVault = types.includes("vaultsecret")
  if (isVault || types.every((type) => type === "opaque")) {
    if (userName === "") return refused("username can't be empty")
    if (password === "") return refused("password can't be empty")
    if (!isVault) return { ok: true, credential: { type: "opaque", registry, userName, password } }
    if (identity === "") return refused("identity can't be empty")
    const [isUserNameInVault, isPasswordInVault] = types.map((type) => type === "vaultsecret")
    const partOf = (text: string, isVaultSecret = false) => ({ isVaultSecret, text })
    return {
      ok: true,
      credential: {
        type: "vault",
        registry,
        userName: partOf(userName, isUserNameInVault),
        password: partOf(password, isPasswordInVault),
        identity,
      },
    }
  }
  if (types.some((type) => type !== "")) return refused("unable to classify credential into opaque, vault or msi")
  if (identity === "") return refused("identity can't be empty")
  if (aadResourceId === "") return refused("aadResourceId can't be empty")
  return { ok: true, credential: { type: "identity", registry, identity, aadResourceId } }
}

function fieldsOf(text: string): z.infer<typeof Fields> | undefined {
  try {
    const json: unknown = JSON.parse(text)
    if (typeof json !== "object" || json === null || Array.isArray(json)) return undefined
    const lower = Object.entries(json).map(([key, value]) => [key.toLowerCase(), value])
    return Fields.safeParse(Object.fromEntries(lower)).data
  } catch {
    return undefined
  }
}

function refused(problem: string): ReadCredential {
  return { ok: false, problem }
}
