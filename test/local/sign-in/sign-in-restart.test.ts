import { mkdtemp, rm, stat } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from "jose"
import { afterEach, beforeEach, expect, it } from "vitest"
import { createSignIn } from "../../../local/sign-in/create-sign-in.ts"
import { PRINCIPALS, TENANT } from "../front/front-fixture.ts"

const URL = "https://localhost:8443"
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "slipway-sign-in-"))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const start = (principals = PRINCIPALS, now?: () => Date) =>
  createSignIn(
    {
      publicUrl: URL,
      folder,
      tenantId: TENANT,
      principals,
      registry: { loginServer: "127.0.0.1:5000", userName: "registry", password: "p" },
      devicePollSeconds: 2,
      accessTokenSeconds: 3600,
    },
    now,
  )
type Started = Awaited<ReturnType<typeof start>>

async function post(signIn: Started, target: string, form: Record<string, string>) {
  const answer = await signIn.answer({
    method: "POST",
    path: target,
    query: new URLSearchParams(),
    form: new URLSearchParams(form),
    authorization: undefined,
    clientAddress: "127.0.0.1",
  })
  return { status: answer.status, json: JSON.parse(answer.body) as Record<string, string> }
}

const signInAnn = (signIn: Started) =>
  post(signIn, "/adfs/oauth2/token", {
    grant_type: "password",
    client_id: "az",
    username: "ANN@example.test",
    password: "ann's p&ss=word",
    scope: `${URL}/.default`,
  })
const refreshAnn = (signIn: Started, token: string) =>
  post(signIn, "/adfs/oauth2/token", {
    grant_type: "refresh_token",
    client_id: "az",
    refresh_token: token,
    scope: `${URL}/.default`,
  })

it("keeps its keys over a restart, readable by their user only: tokens stay good", async () => {
  const before = await start()
  const { json } = await signInAnn(before)

  const after = await start()
  const refreshed = await refreshAnn(after, json.refresh_token!)
  const keys = await after.answer({
    method: "GET",
    path: "/adfs/discovery/keys",
    query: new URLSearchParams(),
    form: new URLSearchParams(),
    authorization: undefined,
    clientAddress: "",
  })

  const jwks = createLocalJWKSet(JSON.parse(keys.body) as JSONWebKeySet)
  await expect(jwtVerify(json.access_token!, jwks)).resolves.toBeDefined()
  expect(refreshed.status).toBe(200)
  for (const name of ["signing-key.json", "registry-tokens.key"]) {
    expect((await stat(path.join(folder, name))).mode & 0o777).toBe(0o600)
  }
})

it("ends refresh tokens with the password that they came from", async () => {
  const { json } = await signInAnn(await start())

  const changed = await start(PRINCIPALS.map((one) => ({ ...one, secret: `${one.secret}2` })))

  expect((await refreshAnn(changed, json.refresh_token!)).status).toBe(400)
})

it("ends refresh tokens after 90 days and device codes after 15 minutes", async () => {
  let now = new Date("2026-01-01T00:00:00Z")
  const signIn = await start(PRINCIPALS, () => now)
  const { json } = await signInAnn(signIn)
  const device = await post(signIn, "/adfs/oauth2/devicecode", { client_id: "az", scope: `${URL}/.default` })

  now = new Date("2026-01-01T00:15:01Z")
  const grant_type = "urn:ietf:params:oauth:grant-type:device_code"
  const poll = { grant_type, client_id: "az", device_code: device.json.device_code! }
  const expired = await post(signIn, "/adfs/oauth2/token", poll)
  now = new Date("2026-04-02T00:00:00Z")
  const over = await refreshAnn(signIn, json.refresh_token!)

  expect(expired.json.error).toBe("expired_token")
  expect(over.json.error).toBe("invalid_grant")
})
