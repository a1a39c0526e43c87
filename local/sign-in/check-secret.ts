import { createHash, timingSafeEqual } from "node:crypto"
import type { Principal } from "./sign-in-config.ts"

const MAX_FAILURES = 10
const WINDOW_MS = 60_000

/** Equal or not, in a time that tells nothing about where they differ or how long they are. */
export function isSameSecret(given: string, expected: string): boolean {
  return timingSafeEqual(sha256(given), sha256(expected))
}

/** What a principal's stored tokens are bound to: another secret makes them useless. Reveals nothing of the secret itself. */
export function secretFingerprint(principal: Principal): string {
  return sha256(`refresh:${principal.kind}:${principal.id}:${principal.secret}`).toString("base64url")
}

/**
 * Counts wrong secrets by client and identity: after ten within a minute the next tries are refused unseen until the
 * minute is over. Enough against guessing 32 random characters; a person who mistypes never meets it.
 */
export function createFailureLimit(now: () => number = Date.now) {
  const failures = new Map<string, { count: number; endsAt: number }>()

  /** Whole seconds to wait; 0 when it may be tried. */
  function waitSeconds(key: string): number {
    const entry = failures.get(key)
    if (entry === undefined || entry.endsAt <= now()) return 0
    return entry.count < MAX_FAILURES ? 0 : Math.ceil((entry.endsAt - now()) / 1000)
  }

  function recordFailure(key: string): void {
    for (const [other, entry] of failures) if (entry.endsAt <= now()) failures.delete(other)
    const entry = failures.get(key)
    failures.set(key, { count: (entry?.count ?? 0) + 1, endsAt: entry?.endsAt ?? now() + WINDOW_MS })
  }

  return { waitSeconds, recordFailure }
}
export type FailureLimit = ReturnType<typeof createFailureLimit>

function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest()
}
