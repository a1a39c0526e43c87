/** A secret of a Key Vault. `version` is empty for the current one; `aadResource` is what a token must be for. */
export type KeyVaultSecret = { vault: string; name: string; version: string; aadResource: string }

/** Longer than a vault's host and a secret's name and version can be. */
const MAX_LENGTH = 2048
const SECRET_PATH = /^\/secrets\/([^/]+)(?:\/([^/]*))?$/

/**
 * Reads `https://<vault host>/secrets/<name>[/<version>]` (task-file 7.6), in lower case as a whole: Key Vault tells no cases apart.
 * Undefined for any other text.
 */
export function readKeyVaultUrl(text: string): KeyVaultSecret | undefined {
  const lower = text.toLowerCase()
  if (lower.length > MAX_LENGTH || !lower.startsWith("https://") || !URL.canParse(lower)) return undefined
  const { host, pathname, search, hash, username, password } = new URL(lower)
  const path = SECRET_PATH.exec(pathname)
  const domain = host.slice(host.indexOf(".") + 1)
  if (path === null || !host.includes(".") || domain === "") return undefined
  if (search !== "" || hash !== "" || username !== "" || password !== "") return undefined
  return { vault: `https://${host}`, name: path[1] ?? "", version: path[2] ?? "", aadResource: `https://${domain}` }
}
