import { randomBytes } from "node:crypto"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { signRunToken } from "../../../shared/builders/run-token.ts"
import { deriveKey } from "../../../shared/secrets/seal.ts"
import { poll } from "../setup/test-stack.ts"
import { type BadDayStack, startBadDayStack } from "./bad-day-stack.ts"

let stack: BadDayStack
let runId: string
let builderId: string
let token: string

beforeAll(async () => {
  // One place, and it is taken: the run under test stays without a builder, and this test is the builder.
  stack = await startBadDayStack({ SLIPWAY_MAX_BUILDERS: "1", SLIPWAY_HEARTBEAT_TIMEOUT_SECONDS: "600" })
  const first = await stack.queueNumbered({ lines: 6_000 })
  await stack.printed(first, "n-1")
  runId = (await stack.queueNumbered({ lines: 3 })).runId
  builderId = `test-builder-${randomBytes(4).toString("hex")}`
  token = await tokenFor({ runId })
})
afterAll(() => stack?.stop())

const inOneHour = () => new Date(Date.now() + 3_600_000)

function tokenFor(
  claims: { runId: string; registry?: string; attempt?: number },
  expiresAt = inOneHour(),
  key?: Buffer,
) {
  const ownKey = deriveKey(stack.state.secretKey, "run-token")
  return signRunToken(key ?? ownKey, { registry: "slipway", attempt: 1, ...claims }, expiresAt)
}

function post(path: string, body: object, bearer: string | null = token) {
  return stack.arm.call("POST", `/builders/v1/slipway/${runId}/${path}`, { body, token: bearer })
}
const claim = (bearer?: string | null, id = builderId) => post("spec", { v: 1, builderId: id }, bearer)
const event = (seq: number, facts: object, id = builderId) =>
  post("events", { v: 1, builderId: id, seq, at: new Date().toISOString(), ...facts })
const started = { type: "started", engine: "a test" }

describe("a builder's call", () => {
  test("without a token, or with a forged, expired or another run's one, is refused and changes nothing", async () => {
    const [head, payload] = token.split(".")
    const unsigned = `${Buffer.from('{"alg":"none"}').toString("base64url")}.${payload}.`
    const tokens = [
      null,
      "nonsense",
      unsigned,
      `${head}.${payload}.${randomBytes(32).toString("base64url")}`,
      await tokenFor({ runId }, inOneHour(), randomBytes(32)),
      await tokenFor({ runId }, new Date(Date.now() - 60_000)),
      await tokenFor({ runId: `${runId.slice(0, -1)}0` }),
      await tokenFor({ runId, registry: "plainreg" }),
      // The client's own access token opens the API, not a run.
      stack.arm.token,
    ]

    for (const one of tokens) {
      for (const answer of [
        await claim(one),
        await post("heartbeat", { v: 1, builderId }, one),
        await post("events", { v: 1, builderId, seq: 1, at: new Date().toISOString(), ...started }, one),
      ]) {
        expect(answer.status).toBe(401)
        expect(answer.headers["www-authenticate"]).toMatch(/^Bearer /)
        expect(answer.json.error.code).toBe("AuthenticationFailed")
      }
    }
    expect((await stack.arm.getRun("slipway", runId)).status).toBe("Queued")
  })

  test("before the claim is refused", async () => {
    expect((await event(1, started)).status).toBe(409)
    expect((await post("heartbeat", { v: 1, builderId })).status).toBe(409)
  })

  test("claims once: the same builder may ask again, no other and no other attempt may", async () => {
    const attempt = await currentAttempt()
    token = await tokenFor({ runId, attempt })

    const [mine, again] = [await claim(), await claim()]
    const other = await claim(token, "another-builder")
    const older = await claim(await tokenFor({ runId, attempt: attempt + 1 }))

    expect([mine.status, again.status, other.status, older.status]).toEqual([200, 200, 409, 409])
    expect(again.json.runId).toBe(runId)
    expect([other.json.error.code, older.json.error.code]).toEqual(["RunNotClaimable", "RunNotClaimable"])
  })

  test("reports each event once and in order, whoever repeats it", async () => {
    const gap = await event(2, started)
    const first = await event(1, started)
    const repeated = await event(1, { ...started, engine: "another one" })
    const stranger = await event(2, started, "another-builder")

    expect([gap.status, first.status, repeated.status, stranger.status]).toEqual([409, 204, 204, 409])
    expect([gap.json.error.code, stranger.json.error.code]).toEqual(["OutOfOrder", "RunNotClaimable"])
  })

  test("after the end is told so, and the end stays as it was", async () => {
    const end = { type: "finished", outcome: "Failed", message: "as the test wants it" }
    expect((await event(2, end)).status).toBe(204)

    const repeated = await event(2, { ...end, outcome: "Succeeded" })
    const late = await event(3, { type: "finished", outcome: "Succeeded" })
    const beat = await post("heartbeat", { v: 1, builderId })
    const claimed = await claim()

    expect([repeated.status, late.status, beat.status, claimed.status]).toEqual([204, 410, 410, 409])
    const run = await stack.arm.getRun("slipway", runId)
    expect(run).toMatchObject({ status: "Failed", runErrorMessage: "as the test wants it" })
    expect((await stack.arm.readLog("slipway", runId)).complete).toBe("failed")
  })
})

/** The sweep sends a run that waits again and again, each time as a new attempt; the claim must name the present one. */
async function currentAttempt(): Promise<number> {
  return poll("the run's attempt", async () => {
    for (let attempt = 1; attempt < 100; attempt++) {
      const answer = await claim(await tokenFor({ runId, attempt }))
      if (answer.status === 200) return attempt
    }
    return undefined
  })
}
