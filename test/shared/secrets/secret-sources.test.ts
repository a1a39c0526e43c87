import { describe, expect, it } from "vitest"
import { limitTime } from "../../../shared/secrets/limit-time.ts"
import { noSecretSource } from "../../../shared/secrets/no-secret-source.ts"
import { readSecrets } from "../../../shared/secrets/read-secrets.ts"
import type { SecretLocation, SecretSource } from "../../../shared/secrets/secret-source.ts"
import { fakeSecrets } from "../../fakes/fake-secrets.ts"

const vault: SecretLocation = { type: "vault", url: "https://v.vault.azure.net/secrets/pw", clientId: "" }
const registry: SecretLocation = { type: "registry", loginServer: "other.test", clientId: "" }
const never = new AbortController().signal

it("without vaults and identities each secret is refused with another way to give it", async () => {
  const [first, second] = await readSecrets(noSecretSource, [vault, registry], never)

  expect(first).toEqual({ ok: false, message: expect.stringContaining("--set-secret name=value") })
  expect(second).toEqual({ ok: false, message: expect.stringContaining("userName and password as Opaque") })
})

describe("limitTime", () => {
  /** Answers nothing, ever, and notes whether it was told to stop. */
  function stuck() {
    const seen: AbortSignal[] = []
    const source: SecretSource = {
      read(_, signal) {
        seen.push(signal)
        return new Promise(() => {})
      },
    }
    return { source, seen }
  }

  it("hands on what a source answers in time, and what it throws", async () => {
    const given = { ok: true as const, value: "s3cret" }
    const source = limitTime(fakeSecrets({ [vault.url]: given, "other.test": new TypeError("ours") }), 60_000)

    expect(await source.read(vault, never)).toBe(given)
    await expect(source.read(registry, never)).rejects.toThrow(TypeError)
  })

  it("answers for a source that does not, and tells it to stop", async () => {
    const { source, seen } = stuck()

    const answer = await limitTime(source, 1).read(vault, never)

    expect(answer).toEqual({ ok: false, message: expect.stringContaining("did not answer within 0.001 seconds") })
    expect(seen.map(({ aborted }) => aborted)).toEqual([true])
  })

  it("ends with the signal's own reason", async () => {
    const { source } = stuck()
    const stopper = new AbortController()

    const reading = limitTime(source, 60_000).read(vault, stopper.signal)
    stopper.abort(new Error("the run was stopped"))

    await expect(reading).rejects.toThrow("the run was stopped")
    await expect(limitTime(source, 60_000).read(vault, stopper.signal)).rejects.toThrow("the run was stopped")
  })
})

it("reads five secrets at once and answers in their order", async () => {
  const open = { now: 0, most: 0 }
  const source: SecretSource = {
    async read(location) {
      open.now += 1
      open.most = Math.max(open.most, open.now)
      await new Promise(setImmediate)
      open.now -= 1
      return { ok: true, value: location.type === "vault" ? location.url : "" }
    },
  }
  const urls = Array.from({ length: 12 }, (_, at) => `https://v.vault.azure.net/secrets/s${at}`)

  const answers = await readSecrets(
    source,
    urls.map((url) => ({ type: "vault", url, clientId: "" })),
    never,
  )

  expect(answers).toEqual(urls.map((value) => ({ ok: true, value })))
  expect(open.most).toBe(5)
})
