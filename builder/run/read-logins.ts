import type { LoginReference, RegistryLogin } from "../../shared/builders/run-spec.ts"
import { readSecrets } from "../../shared/secrets/read-secrets.ts"
import type { SecretSource } from "../../shared/secrets/secret-source.ts"
import { RunFailure } from "../failures/run-failure.ts"
import { loginSecrets } from "../secrets-of.ts"

export type ReadLoginsDeps = {
  secrets: SecretSource
  addSecrets(secrets: readonly string[]): void
  say(line: string): void
  signal: AbortSignal
}

/**
 * The logins of a run with their values, those that are kept elsewhere read and masked from now on. Errors: RunFailure naming the
 * registry; see SecretSource.
 */
export async function readLogins(logins: readonly LoginReference[], deps: ReadLoginsDeps): Promise<RegistryLogin[]> {
  const read: RegistryLogin[] = []
  for (const { loginServer, userName, password } of logins) {
    const [first, second] = await valuesOf(loginServer, [userName, password], deps)
    read.push({ loginServer, userName: first, password: second })
  }
  deps.addSecrets(read.flatMap(loginSecrets))
  return read
}

type Value = LoginReference["password"]

async function valuesOf(
  loginServer: string,
  [userName, password]: [Value, Value],
  deps: ReadLoginsDeps,
): Promise<[string, string]> {
  const locations = [userName, password].filter((value) => typeof value !== "string")
  if (locations.length > 0) deps.say(`Reading the login to registry: ${loginServer}`)
  const answers = await readSecrets(deps.secrets, locations, deps.signal)
  const values = answers.map((answer) => {
    if (answer.ok) return answer.value
    throw new RunFailure("Failed", `failed to read the login to registry ${loginServer}: ${answer.message}`)
  })
  deps.addSecrets(values)
  const textOf = (value: Value) => (typeof value === "string" ? value : (values.shift() ?? ""))
  return [textOf(userName), textOf(password)]
}
