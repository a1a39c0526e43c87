import type { SecretAnswer, SecretLocation, SecretSource } from "./secret-source.ts"

/** As many as ACR's runner asks for at once (task-file 7.6). */
const AT_ONCE = 5

/** Reads several secrets, in their order. Errors: the source's. */
export async function readSecrets(
  source: SecretSource,
  locations: readonly SecretLocation[],
  signal: AbortSignal,
): Promise<SecretAnswer[]> {
  const answers: SecretAnswer[] = []
  for (let at = 0; at < locations.length; at += AT_ONCE) {
    const some = locations.slice(at, at + AT_ONCE)
    answers.push(...(await Promise.all(some.map((location) => source.read(location, signal)))))
  }
  return answers
}
