const SECRET_PARTS = /passw(or)?d|passphrase|secret|token|credential|apikey|accesskey|privatekey|connectionstring/i
const SECRET_WORDS = new Set(["key", "pat", "pwd", "pass", "sas", "creds", "auth"])

/** True for argument names that announce a secret: `NPM_TOKEN`, `dbPassword`, `API_KEY`, `AZURE_PAT`; not `KEYBOARD` or `PATH`. */
export function isSecretName(name: string): boolean {
  if (SECRET_PARTS.test(name.replaceAll(/[^A-Za-z0-9]/g, ""))) return true
  const words = name.replace(/([a-z0-9])([A-Z])/g, "$1_$2").split(/[^A-Za-z0-9]+/)
  return words.some((word) => SECRET_WORDS.has(word.toLowerCase()))
}

/** True for values that stand in any log anyway: masking every `true` because of `TOKEN_ENABLED=true` would ruin it. */
export function isCommonValue(value: string): boolean {
  return /^(true|false|yes|no|on|off|null|none|enabled|disabled|\d{1,3})$/i.test(value)
}
