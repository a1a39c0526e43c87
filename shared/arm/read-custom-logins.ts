import type { LoginReference } from "../builders/run-spec.ts"
import { readKeyVaultUrl } from "../secrets/read-key-vault-url.ts"
import { IDENTITY_USER } from "../secrets/secret-source.ts"
import { invalidContent } from "./invalid-content.ts"
import type { CredentialsProperties } from "./run-request-properties.ts"

const LOGIN_SERVER =
  /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i
/** A DNS name has 253 characters, and a port six more. */
const MAX_LOGIN_SERVER_LENGTH = 259

function isLoginServer(text: string): boolean {
  return text.length <= MAX_LOGIN_SERVER_LENGTH && LOGIN_SERVER.test(text) && URL.canParse(`https://${text}`)
}

type CustomRegistry = NonNullable<CredentialsProperties["customRegistries"]>[string]
type SecretObject = NonNullable<CustomRegistry["password"]>

/**
 * The logins to other registries (`arm-contract` 6): values, Key Vault secrets that an identity reads, or an identity by itself. What
 * is kept elsewhere is stored as where it is, and read when the run needs it. Errors: `InvalidRequestContent` naming the field.
 */
export function readCustomLogins(credentials: CredentialsProperties | undefined): LoginReference[] {
  return Object.entries(credentials?.customRegistries ?? {}).map(([loginServer, registry]) => {
    const target = `credentials.customRegistries.${loginServer}`
    if (!isLoginServer(loginServer))
      throw invalidContent(
        target,
        "A registry is named by its login server, host or host:port, without scheme or path.",
      )
    const { userName, password, identity } = registry
    const clientId = identity === undefined ? undefined : clientIdOf(identity, `${target}.identity`)
    if (clientId !== undefined && userName === undefined && password === undefined)
      return { loginServer, userName: IDENTITY_USER, password: { type: "registry", loginServer, clientId } }
    if (!userName?.value || !password?.value)
      throw invalidContent(target, "Both userName.value and password.value are needed, or identity alone.")
    return {
      loginServer,
      userName: secretOf({ ...userName, value: userName.value }, clientId, `${target}.userName`),
      password: secretOf({ ...password, value: password.value }, clientId, `${target}.password`),
    }
  })
}

function secretOf(
  { type, value }: SecretObject & { value: string },
  clientId: string | undefined,
  target: string,
): LoginReference["password"] {
  if (type.toLowerCase() !== "vaultsecret") return value
  if (readKeyVaultUrl(value) === undefined)
    throw invalidContent(
      `${target}.value`,
      "This is no URL of a Key Vault secret: write https://<vault>.vault.azure.net/secrets/<name>[/<version>].",
    )
  if (clientId === undefined)
    throw invalidContent(
      target,
      "An identity reads a Key Vault secret: give identity, '[system]' or the client id of a managed identity.",
    )
  return { type: "vault", url: value, clientId }
}

const CLIENT_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

function clientIdOf(identity: string, target: string): string {
  if (identity.toLowerCase() === "[system]") return ""
  if (CLIENT_ID.test(identity)) return identity
  throw invalidContent(target, "An identity is '[system]' or the client id (a GUID) of a managed identity.")
}
