import type { LoginReference, RunSpec } from "../shared/builders/run-spec.ts"
import type { Argument } from "../shared/builders/run-work.ts"
import { secretTexts } from "../shared/contexts/take-secrets.ts"
import type { SshAccess } from "../shared/git/ssh-access.ts"
import { isCommonValue, isSecretName } from "../shared/secrets/is-secret-name.ts"

/**
 * Everything in a run that its log must never show: the run token, registry passwords (also as the `user:password` of a basic
 * header), what its source's location held, the signatures of its SAS URLs, secret arguments and values, and those whose name says
 * that they are secret.
 */
export function secretsOf(spec: RunSpec, runToken: string): string[] {
  const urls = [spec.log.url, ...(spec.source.type === "upload" ? [spec.source.url] : [])].flatMap(signaturesOf)
  const source = spec.source.type === "remote" ? secretTexts(spec.source.secrets) : []
  const secretArguments = secretValuesOf(argumentsOf(spec))
  return [
    runToken,
    ...spec.logins.flatMap(loginSecrets),
    ...urls,
    ...source,
    ...keyLines(spec.ssh),
    ...secretArguments,
  ].filter((secret) => secret !== "")
}

/** Values that are secret, or whose name says so. */
export function secretValuesOf(given: readonly (Pick<Argument, "name" | "value"> & Partial<Argument>)[]): string[] {
  return given
    .filter(({ name, value, isSecret = false }) => isSecret || (isSecretName(name) && !isCommonValue(value)))
    .map(({ value }) => value)
}

/** What of a login is secret, as far as its values are known. */
export function loginSecrets({ userName, password }: LoginReference): string[] {
  if (typeof password !== "string") return []
  return typeof userName === "string" ? [password, `${userName}:${password}`] : [password]
}

/** Shorter lines of a key (its end) stand in any text, and its first and last line are no secret. */
const MIN_KEY_LINE_LENGTH = 16

/** A private key line by line, as it would show. */
export function keyLines(ssh: SshAccess): string[] {
  if ("problem" in ssh) return []
  return ssh.privateKey.split("\n").filter((line) => line.length >= MIN_KEY_LINE_LENGTH && !line.startsWith("-----"))
}

function argumentsOf({ work }: RunSpec): Argument[] {
  return work.type === "build" ? work.arguments : work.values
}

/** Shorter values (`1.0`, `hi`, `release`) stand in any output; masking them would ruin it. */
const MIN_ARGUMENT_LENGTH = 8
/** Values that are no secret by their form: versions, dates and numbers, image names with a host, URLs. */
const HARMLESS = /^(v?\d[\w.+:-]*|[\w.-]+(\.[\w-]+|:\d+)(:\d+)?\/[\w./:@-]+|[a-z]+:\/\/[^@\s]+)$/i

/**
 * Values of build arguments that nobody called secret. They are masked in what the engine prints of that build and in the cause of a
 * failure, not in our own lines, which never repeat them but may name the same image or host.
 */
export function argumentValuesOf(given: readonly Pick<Argument, "value">[]): string[] {
  return given
    .map(({ value }) => value)
    .filter((value) => value.length >= MIN_ARGUMENT_LENGTH && !HARMLESS.test(value) && !isCommonValue(value))
}

function signaturesOf(url: string): string[] {
  return URL.canParse(url) ? new URL(url).searchParams.getAll("sig") : []
}
