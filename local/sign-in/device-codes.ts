import { randomBytes, randomInt } from "node:crypto"
import type { Principal } from "./sign-in-config.ts"

/** No vowels (no words) and nothing that looks like something else (RFC 8628 6.1). */
const ALPHABET = "BCDFGHJKLMNPQRSTVWXZ"
const LIFETIME_SECONDS = 900
const MAX_PENDING = 1000

type Pending = {
  userCode: string
  clientId: string
  scope: string
  expiresAt: number
  polledAt: number
  principal?: Principal
}
export type PollResult =
  | { state: "pending" | "slow_down" | "expired" | "unknown" }
  | { state: "approved"; principal: Principal; scope: string }

/** Device sign-ins that wait for their person (RFC 8628). In memory: a restart ends them, and az says to start again. */
export function createDeviceCodes(options: { pollSeconds: number; now?: (() => number) | undefined }) {
  const now = options.now ?? Date.now
  const pending = new Map<string, Pending>()

  function start(clientId: string, scope: string) {
    for (const [code, entry] of pending) if (entry.expiresAt <= now()) pending.delete(code)
    const oldest = pending.keys().next().value
    if (pending.size >= MAX_PENDING && oldest !== undefined) pending.delete(oldest)
    const deviceCode = randomBytes(32).toString("base64url")
    const letters = Array.from({ length: 8 }, () => ALPHABET.charAt(randomInt(ALPHABET.length)))
    const userCode = `${letters.slice(0, 4).join("")}-${letters.slice(4).join("")}`
    pending.set(deviceCode, { userCode, clientId, scope, expiresAt: now() + LIFETIME_SECONDS * 1000, polledAt: 0 })
    return { deviceCode, userCode, expiresInSeconds: LIFETIME_SECONDS, intervalSeconds: options.pollSeconds }
  }

  /** True when such a code waits for its person; dashes, spaces and case do not matter. */
  function isWaiting(userCode: string): boolean {
    return find(userCode) !== undefined
  }

  function approve(userCode: string, principal: Principal): boolean {
    const entry = find(userCode)
    if (entry === undefined) return false
    entry.principal = principal
    return true
  }

  /** Half the interval is allowed for: a client's clock and ours start at different ends of the wire. */
  function poll(deviceCode: string, clientId: string): PollResult {
    const entry = pending.get(deviceCode)
    if (entry === undefined || entry.clientId !== clientId) return { state: "unknown" }
    if (entry.expiresAt <= now()) {
      pending.delete(deviceCode)
      return { state: "expired" }
    }
    if (entry.principal !== undefined) {
      pending.delete(deviceCode)
      return { state: "approved", principal: entry.principal, scope: entry.scope }
    }
    const isTooSoon = now() - entry.polledAt < options.pollSeconds * 500
    entry.polledAt = now()
    return { state: isTooSoon ? "slow_down" : "pending" }
  }

  function find(userCode: string): Pending | undefined {
    const wanted = normalise(userCode)
    return [...pending.values()].find(
      (entry) => normalise(entry.userCode) === wanted && entry.expiresAt > now() && entry.principal === undefined,
    )
  }

  return { start, isWaiting, approve, poll }
}
export type DeviceCodes = ReturnType<typeof createDeviceCodes>

function normalise(userCode: string): string {
  return userCode.toUpperCase().replace(/[^A-Z]/g, "")
}
