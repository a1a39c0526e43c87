import type { SecretAnswer, SecretLocation, SecretSource } from "../../shared/secrets/secret-source.ts"

/** A source that gives these answers by URL or login server, refuses everything else, and notes what it is asked. */
export function fakeSecrets(answers: Record<string, SecretAnswer | Error> = {}) {
  const asked: SecretLocation[] = []
  const source: SecretSource = {
    async read(location) {
      asked.push(location)
      const answer = answers[location.type === "vault" ? location.url : location.loginServer]
      if (answer instanceof Error) throw answer
      return answer ?? { ok: false, message: "the vault has no such secret." }
    },
  }
  return { ...source, asked }
}
