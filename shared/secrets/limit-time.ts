import type { SecretSource } from "./secret-source.ts"

/** A source that answers within a time limit, also in place of one that does not listen to its signal. */
export function limitTime(source: SecretSource, timeoutMs: number): SecretSource {
  return {
    async read(location, signal) {
      signal.throwIfAborted()
      const timeout = AbortSignal.timeout(timeoutMs)
      const either = AbortSignal.any([signal, timeout])
      const stopped = new Promise<never>((_, reject) => {
        either.addEventListener("abort", () => reject(either.reason), { once: true })
      })
      try {
        return await Promise.race([source.read(location, either), stopped])
      } catch (error) {
        signal.throwIfAborted()
        if (!timeout.aborted) throw error
        const who = location.type === "vault" ? "its vault" : `registry ${location.loginServer}`
        const message = `${who} did not answer within ${timeoutMs / 1000} seconds; try again, or give the value itself.`
        return { ok: false, message }
      }
    },
  }
}
