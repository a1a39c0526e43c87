import { isDeepStrictEqual } from "node:util"
import { z } from "zod"
import { networkRemoval } from "../../builder/engine/clean-up.ts"
import { agreedDigest } from "../../builder/engine/inspect-bases.ts"
import { podmanDialect } from "../../builder/engine/podman-dialect.ts"
import { networkArguments } from "../../builder/engine/run-network.ts"
import { NETWORK_RETRY, networkBackOff } from "../../builder/failures/with-network-retry.ts"
import { backOffMs } from "../../builder/retry.ts"
import { createOutputWatch, isTriedAgain } from "../../builder/steps/attempt-step.ts"
import { readRunRequest } from "../../shared/arm/read-run-request.ts"
import type { LoginReference } from "../../shared/builders/run-spec.ts"
import { AppError } from "../../shared/errors.ts"
import { readKeyVaultUrl } from "../../shared/secrets/read-key-vault-url.ts"
import { builtInAliases } from "../../shared/task-file/aliases/built-in-aliases.ts"
import { replaceAliases } from "../../shared/task-file/aliases/replace-aliases.ts"
import { aliasNameProblem, directiveProblem } from "../../shared/task-file/aliases/validate-aliases.ts"
import { findVersion } from "../../shared/task-file/find-version.ts"
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
export type MiscOutcome = { id: string; passed: boolean; rule?: string; detail: string }
type Credentials = z.infer<typeof MiscFile>["credentials"][number]
type RepositoryDigests = z.infer<typeof MiscFile>["repo_digest"][number]

/** Where we deliberately differ from ACR; every case that a rule speaks of says its name. */
export const miscRules = {
  "registries-are-given-time":
    "pauses double as ACR's do, from 1.5 s instead of 0.25 s and without its limit of 5 s, and by chance up to a quarter longer: a registry may be away for 20 s, and builders do not call in step",
  "a-digest-is-content":
    "an engine is asked for the digests of one image; where it knows one alone, that is the image's under any name, and of several the registry says which its tag means",
  "vault-urls-are-checked":
    "an identity is '[system]' or a GUID, and a Key Vault secret a URL of one; ACR's runner takes any text and finds out later",
  "a-value-is-opaque":
    "in a request a userName or password without a type is a value (ARM, SecretObject); ACR's runner takes it for an identity's",
} as const
/** How outcomes are read before comparing. */
export const miscNameRules = {
  "networks-belong-to-a-run":
    "networks: ours have the run's id in their name and label and ask for isolation; the rest of the words must be ACR's, in any order",
  "credentials-are-arms":
    "credentials reach us in a request of ARM, whose words name the field at fault; that they are refused is compared",
} as const
type Rule = keyof typeof miscRules

/** Runs every case of the file through what runs, builds and requests go through. */
export function runMiscCases(file: MiscFile): MiscOutcome[] {
  const outcomes: MiscOutcome[] = []
  const check = (id: string, actual: unknown, expected: unknown, rule?: Rule) => {
    const passed = isDeepStrictEqual(actual, expected)
    const detail = passed ? "" : JSON.stringify({ actual, expected })
    outcomes.push({ id, passed, ...(rule !== undefined && { rule }), detail })
  }

  for (const [index, { task, expected }] of file.find_version.entries()) {
    check(`find_version ${index}`, findVersion(stripComments(task).text), expected)
  }
  for (const [index, one] of file.credentials.entries()) {
    const { expected, rule } = expectedLogin(one)
    check(`credentials ${index}`, loginOf(one.credential), expected, rule)
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
  for (const { attempt } of file.backoff_ms) {
    const pause = backOffMs(Math.max(attempt, 0) + 1, networkBackOff(NETWORK_RETRY))
    const least = 1500 * 2 ** Math.min(Math.max(attempt, 0), NETWORK_RETRY.attempts)
    const isRight = least <= pause && pause <= least * 1.25
    check(`backoff_ms ${attempt}`, isRight ? least : pause, least, "registries-are-given-time")
  }
  for (const [index, { errors, retry, stdout, stderr }] of file.retry_on_errors.entries()) {
    const watch = createOutputWatch(errors)
    watch.see(stdout, "stdout")
    watch.see(stderr, "stderr")
    check(`retry_on_errors ${index}`, isTriedAgain({ retries: 1, retryOnErrors: errors }, 0, watch), retry)
  }
  for (const [index, { name, driver, ipv6, create, rm }] of file.networks.entries()) {
    const made = networkArguments({ name, driver, isIpv6: ipv6 }, { runId: RUN_ID }, true)
    const engineName = made.at(-1) ?? ""
    check(`networks ${index} create`, acbWords(made), ["docker", ...create.slice(1).toSorted()])
    check(`networks ${index} rm`, ["docker", ...networkRemoval([engineName]).map(withoutRun)], rm)
  }
  for (const [index, one] of file.repo_digest.entries()) {
    const known = distinctDigests(one)
    const expected = known.length === 1 ? (known[0] ?? "") : one.digest
    const rule = expected === one.digest ? undefined : "a-digest-is-content"
    check(`repo_digest ${index}`, digestOf(one), expected, rule)
  }
  for (const [index, { url, error, ...expected }] of file.keyvault_urls.entries()) {
    const secret = readKeyVaultUrl(url)
    const { aadResource, ...rest } = secret ?? {}
    const actual = secret === undefined ? {} : { ...rest, aad_resource: aadResource }
    check(`keyvault_urls ${index}`, actual, error ? {} : expected)
  }
  return outcomes
}

const RUN_ID = "ca1"
const withoutRun = (word: string) => word.replace(`slipway-run-${RUN_ID}-`, "")

/** Our words for a network without what makes it the run's; what belongs to the run must be there. */
function acbWords(words: readonly string[]): string[] {
  const own = [`--label=slipway.run=${RUN_ID}`, "--opt=isolate=true"]
  const missing = own.filter((word) => !words.includes(word)).map((word) => `no ${word}`)
  const rest = words.filter((word) => !own.includes(word)).flatMap((word) => withoutRun(word).split("="))
  return ["docker", ...[...rest, ...missing].toSorted()]
}

/** What a registry says a tag means is what ACR found; it is asked where the engine alone is not certain. */
function digestOf({ repo_digests, digest }: RepositoryDigests): string {
  const known = podmanDialect.digestsOf([JSON.stringify(repo_digests)])[0] ?? []
  const meant = known.length > 1 && digest !== "" ? digest : undefined
  return agreedDigest(known, meant) ?? ""
}

function distinctDigests({ repo_digests }: RepositoryDigests): string[] {
  return [...new Set(repo_digests.map((name) => name.slice(name.indexOf("@") + 1)))]
}

const PROBLEM = { kind: "problem" }

const typeOf = (value: LoginReference["password"]) =>
  typeof value === "string" ? "opaque" : value.type === "vault" ? "vaultsecret" : "identity"
const textOf = (value: LoginReference["password"]) =>
  typeof value === "string" ? value : value.type === "vault" ? value.url : value.loginServer

/** The login that a request makes of acb's credential, in acb's words. */
function loginOf(credential: string): Record<string, string> {
  const fields = fieldsOf(credential)
  const secret = (name: string) => ({ value: fields?.[name], type: fields?.[`${name}providertype`] })
  const { registry = "", identity } = fields ?? {}
  const customRegistries =
    fields === undefined
      ? credential
      : { [registry]: { userName: secret("username"), password: secret("password"), identity } }
  const body = {
    type: "EncodedTaskRunRequest",
    encodedTaskContent: Buffer.from("steps: []").toString("base64"),
    platform: { os: "Linux" },
    credentials: { customRegistries },
  }
  try {
    const { customLogins } = readRunRequest(body, { minSeconds: 1, defaultSeconds: 1, maxSeconds: 1 })
    const [login] = customLogins
    if (login === undefined) return {}
    const { loginServer, userName, password } = login
    return {
      ...{ registry: loginServer, username: textOf(userName), password: textOf(password) },
      ...{ usernameType: typeOf(userName), passwordType: typeOf(password) },
    }
  } catch (error) {
    if (error instanceof AppError && error.code === "InvalidRequestContent") return PROBLEM
    throw error
  }
}

const isIdentity = (text: string) => text === "[system]" || /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)

function expectedLogin({ credential, expect }: Credentials): { expected: unknown; rule?: Rule } {
  const { registry, username, password, identity, ...types } = fieldsOf(credential) ?? {}
  const given = [types.usernameprovidertype, types.passwordprovidertype].map((type) => type?.toLowerCase())
  if (expect !== undefined && identity !== undefined && !isIdentity(identity))
    return { expected: PROBLEM, rule: "vault-urls-are-checked" }
  const isOpaque = given.every((type) => type === undefined || type === "opaque") && identity === undefined
  if (expect === undefined && given.includes(undefined) && isOpaque && registry && username && password) {
    const login = { registry, username, usernameType: "opaque", password, passwordType: "opaque" }
    return { expected: login, rule: "a-value-is-opaque" }
  }
  return { expected: expect ?? PROBLEM }
}

/** acb's names of fields are read in any case. Undefined for what is no object of texts. */
function fieldsOf(credential: string): Record<string, string> | undefined {
  try {
    const entries = Object.entries(Texts.parse(JSON.parse(credential)))
    return Object.fromEntries(entries.map(([name, text]) => [name.toLowerCase(), text]))
  } catch {
    return undefined
  }
}
