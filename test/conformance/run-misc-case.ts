import { isDeepStrictEqual } from "node:util"
import { z } from "zod"
import { builtInAliases } from "../../shared/task-file/aliases/built-in-aliases.ts"
import { replaceAliases } from "../../shared/task-file/aliases/replace-aliases.ts"
import { aliasNameProblem, directiveProblem } from "../../shared/task-file/aliases/validate-aliases.ts"
import { backOffMilliseconds } from "../../shared/task-file/back-off.ts"
import { type Credential, readCredential } from "../../shared/task-file/credentials/read-credential.ts"
import { readKeyVaultUrl } from "../../shared/task-file/credentials/read-key-vault-url.ts"
import { findRepositoryDigest } from "../../shared/task-file/find-repository-digest.ts"
import { findVersion } from "../../shared/task-file/find-version.ts"
import { isRetried } from "../../shared/task-file/is-retried.ts"
import { createNetworkArguments, removeNetworkArguments } from "../../shared/task-file/network-arguments.ts"
import { stripComments } from "../../shared/templates/strip-comments.ts"

const Texts = z.record(z.string(), z.string())
/** The parts of misc.json that are about task files and credentials, by their names there. */
export const MiscFile = z.object({
  find_version: z.array(z.object({ task: z.string(), expected: z.string() })),
  credentials: z.array(
    z.object({ credential: z.string(), ok: z.boolean(), error: z.string().optional(), expect: Texts.optional() }),
  ),
  alias_validation: z.array(z.object({ directive: z.string(), values: Texts, error: z.string().optional() })),
  alias_replace: z.array(z.object({ input: z.string(), values: Texts, output: z.string() })),
  builtin_aliases_linux: Texts,
  backoff_ms: z.array(z.object({ attempt: z.number(), ms: z.number() })),
  retry_on_errors: z.array(
    z.object({ errors: z.array(z.string()), stdout: z.string(), stderr: z.string(), retry: z.boolean() }),
  ),
  networks: z.array(
    z.object({
      name: z.string(),
      driver: z.string(),
      ipv6: z.boolean(),
      create: z.array(z.string()),
      rm: z.array(z.string()),
    }),
  ),
  repo_digest: z.array(
    z.object({ repo_digests: z.array(z.string()), registry: z.string(), repository: z.string(), digest: z.string() }),
  ),
  keyvault_urls: z.array(
    z.object({
      url: z.string(),
      error: z.boolean().optional(),
      vault: z.string().optional(),
      name: z.string().optional(),
      version: z.string().optional(),
      aad_resource: z.string().optional(),
    }),
  ),
})
export type MiscFile = z.infer<typeof MiscFile>
export type MiscOutcome = { id: string; passed: boolean; detail: string }

/** Runs every case of the file. None of them is read otherwise than ACR does, so there are no rules. */
export function runMiscCases(file: MiscFile): MiscOutcome[] {
  const outcomes: MiscOutcome[] = []
  const check = (id: string, actual: unknown, expected: unknown) => {
    const passed = isDeepStrictEqual(actual, expected)
    outcomes.push({ id, passed, detail: passed ? "" : JSON.stringify({ actual, expected }) })
  }

  for (const [index, { task, expected }] of file.find_version.entries()) {
    check(`find_version ${index}`, findVersion(stripComments(task).text), expected)
  }
  for (const [index, { credential, error, expect }] of file.credentials.entries()) {
    check(`credentials ${index}`, credentialOf(credential), expect ?? { error })
  }
  for (const [index, { directive, values, error }] of file.alias_validation.entries()) {
    const problems = [directiveProblem(directive), ...Object.keys(values).map(aliasNameProblem)]
    const problem = problems.find((one) => one !== undefined)
    check(`alias_validation ${index}`, problem?.split(":", 1)[0], error)
  }
  for (const [index, { input, values, output }] of file.alias_replace.entries()) {
    const aliases = new Map([...builtInAliases("linux"), ...Object.entries(values)])
    check(`alias_replace ${index}`, replaceAliases(input, aliases, "$")?.text, output)
  }
  check("builtin_aliases_linux", Object.fromEntries(builtInAliases("linux")), file.builtin_aliases_linux)
  for (const { attempt, ms } of file.backoff_ms) check(`backoff_ms ${attempt}`, backOffMilliseconds(attempt), ms)
  for (const [index, { errors, retry, ...output }] of file.retry_on_errors.entries()) {
    check(`retry_on_errors ${index}`, isRetried(errors, output), retry)
  }
  for (const [index, { name, driver, ipv6, create, rm }] of file.networks.entries()) {
    check(`networks ${index} create`, ["docker", ...createNetworkArguments({ name, driver, isIpv6: ipv6 })], create)
    check(`networks ${index} rm`, ["docker", ...removeNetworkArguments({ name })], rm)
  }
  for (const [index, { repo_digests, digest, ...image }] of file.repo_digest.entries()) {
    check(`repo_digest ${index}`, findRepositoryDigest(repo_digests, image) ?? "", digest)
  }
  for (const [index, { url, error, ...expected }] of file.keyvault_urls.entries()) {
    const secret = readKeyVaultUrl(url)
    const { aadResource, ...rest } = secret ?? {}
    const actual = secret === undefined ? {} : { ...rest, aad_resource: aadResource }
    check(`keyvault_urls ${index}`, actual, error ? {} : expected)
  }
  return outcomes
}

function credentialOf(text: string): Record<string, string> {
  const read = readCredential(text)
  return read.ok ? acbCredential(read.credential) : { error: read.problem }
}

/** A credential in the words of acb. */
function acbCredential(credential: Credential): Record<string, string> {
  const { registry } = credential
  if (credential.type === "identity") {
    return { registry, identity: credential.identity, aadResourceId: credential.aadResourceId }
  }
  if (credential.type === "opaque") {
    const { userName, password } = credential
    return { registry, username: userName, usernameType: "opaque", password, passwordType: "opaque" }
  }
  const typeOf = ({ isVaultSecret }: { isVaultSecret: boolean }) => (isVaultSecret ? "vaultsecret" : "opaque")
  return {
    registry,
    username: credential.userName.text,
    usernameType: typeOf(credential.userName),
    password: credential.password.text,
    passwordType: typeOf(credential.password),
    identity: credential.identity,
  }
}
