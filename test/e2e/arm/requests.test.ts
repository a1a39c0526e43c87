import { randomUUID } from "node:crypto"
import { SignJWT } from "jose"
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest"
import { type ArmClient, createArmClient } from "../setup/arm-client.ts"
import { tarball } from "../setup/contexts.ts"
import { readStack, type TestStack } from "../setup/test-stack.ts"

let stack: TestStack
let runner: ArmClient
let reader: ArmClient

beforeAll(async () => {
  stack = await readStack(inject("stackEnv"))
  runner = await createArmClient(stack, "runner")
  reader = await createArmClient(stack, "reader")
})
afterAll(() => {
  runner.close()
  reader.close()
})

const registry = () => runner.arm("slipway")
const context = () => tarball([["Dockerfile", "FROM scratch\nCOPY Dockerfile /\n"]])
const validBody = (sourceLocation: string) => ({
  type: "DockerBuildRequest",
  dockerFilePath: "Dockerfile",
  platform: { os: "linux" },
  sourceLocation,
  isPushEnabled: false,
})

describe("discovery", () => {
  it("describes the cloud to anyone, in both forms", async () => {
    const old = await runner.call("GET", "/metadata/endpoints?api-version=2015-01-01", { token: null })
    const list = await runner.call("GET", "/metadata/endpoints?api-version=2019-05-01", { token: null })

    expect(old.json.authentication.loginEndpoint).toBe(`${runner.origin}/adfs`)
    expect(list.json[0]).toMatchObject({ resourceManager: runner.origin, authentication: { identityProvider: "ADFS" } })
  })

  it("lists subscription, tenant and registries", async () => {
    const { subscriptionId, tenantId } = stack.state
    const subscriptions = await reader.call("GET", "/subscriptions?api-version=2019-11-01")
    const tenants = await reader.call("GET", "/tenants?api-version=2019-11-01")
    const filter = encodeURIComponent("resourceType eq 'Microsoft.ContainerRegistry/registries'")
    const resources = await reader.call(
      "GET",
      `/subscriptions/${subscriptionId}/resources?$filter=${filter}&api-version=2021-04-01`,
    )
    const other = encodeURIComponent("resourceType eq 'Microsoft.Web/sites'")
    const none = await reader.call(
      "GET",
      `/subscriptions/${subscriptionId}/resources?$filter=${other}&api-version=2021-04-01`,
    )

    expect(subscriptions.json.value).toEqual([expect.objectContaining({ subscriptionId, tenantId, state: "Enabled" })])
    expect(tenants.json.value[0].tenantId).toBe(tenantId)
    expect(resources.json.value.map((one: { name: string }) => one.name)).toEqual(["slipway", "plainreg"])
    expect(none.json.value).toEqual([])
  })

  it("finds a registry whatever the case of the path, and shows what az needs", async () => {
    const path = runner
      .registryPath("SLIPWAY")
      .replace("resourceGroups", "RESOURCEGROUPS")
      .replace("Microsoft", "microsoft")

    const answer = await reader.call("GET", `${path}?api-version=2022-02-01-preview`)

    expect(answer.status).toBe(200)
    expect(answer.json).toMatchObject({
      name: "slipway",
      type: "Microsoft.ContainerRegistry/registries",
      sku: { name: "Premium" },
      properties: { loginServer: `127.0.0.1:${stack.state.registry.port}`, provisioningState: "Succeeded" },
    })
  })
})

describe("headers", () => {
  it("are ARM's on every answer", async () => {
    for (const answer of [await reader.arm("slipway").get("runs"), await reader.arm("nothere").get("runs")]) {
      expect(answer.headers).toMatchObject({
        "cache-control": "no-cache",
        pragma: "no-cache",
        expires: "-1",
        "x-content-type-options": "nosniff",
        "x-ms-request-id": expect.any(String),
        "content-type": expect.stringMatching(/^application\/json/),
      })
    }
  })
})

describe("who may do what", () => {
  const forged = async () =>
    new SignJWT({ roles: ["admin"] })
      .setProtectedHeader({ alg: "HS256" })
      .setSubject("x")
      .setIssuer(`${runner.origin}/adfs`)
      .setAudience(`${runner.origin}/`)
      .setExpirationTime("1h")
      .sign(Buffer.alloc(32))

  it.each([
    ["no token", async () => null],
    ["an opaque token", async () => "abc"],
    ["a forged token", forged],
    ["a token with a broken signature", async () => `${runner.token.slice(0, -6)}AAAAAA`],
  ])("answers 401 with a challenge to %s", async (_, token) => {
    const answer = await registry().get("runs", {
      token: await token(),
      query: { "api-version": "2019-06-01-preview" },
    })

    expect(answer.status).toBe(401)
    expect(answer.headers["www-authenticate"]).toMatch(/^Bearer /)
    expect(answer.json.error.code).toBe("AuthenticationFailed")
  })

  it("answers 403 to a reader's scheduleRun, upload and cancel, naming the role that is missing", async () => {
    for (const path of ["scheduleRun", "listBuildSourceUploadUrl", "runs/abc/cancel"]) {
      const answer = await reader.arm("slipway").post(path, { body: {} })

      expect(answer.status).toBe(403)
      expect(answer.json.error).toMatchObject({
        code: "AuthorizationFailed",
        message: expect.stringContaining("'runner'"),
      })
    }
  })
})

describe("what is not there", () => {
  it.each([
    ["a registry", () => runner.arm("nothere").get("runs")],
    ["a run", () => registry().get("runs/abc123")],
    ["a run id that is none", () => registry().get("runs/not-an-id!")],
    ["a log", () => registry().post("runs/abc123/listLogSasUrl")],
    ["a run to cancel", () => registry().post("runs/abc123/cancel")],
    ["an operation", () => registry().get("tasks")],
    ["a path", () => runner.call("GET", "/nonsense/path")],
  ])("is a 404 with ARM's error body: %s", async (_, ask) => {
    const answer = await ask()

    expect(answer.status).toBe(404)
    expect(answer.json.error).toEqual(
      expect.objectContaining({ code: expect.any(String), message: expect.any(String) }),
    )
  })

  it("is a 404 for another subscription or resource group", async () => {
    const path = runner.registryPath("slipway")
    const subscription = await runner.call(
      "GET",
      `${path.replace(/subscriptions\/[^/]+/, `subscriptions/${randomUUID()}`)}/runs`,
    )
    const group = await runner.call("GET", `${path.replace(/resourceGroups\/[^/]+/, "resourceGroups/other")}/runs`)

    expect([subscription.status, subscription.json.error.code]).toEqual([404, "SubscriptionNotFound"])
    expect([group.status, group.json.error.code]).toEqual([404, "ResourceNotFound"])
  })
})

describe("api-version", () => {
  it.each(["2018-09-01", "2019-04-01", "2019-06-01-preview", "2025-03-01-preview"])("takes %s", async (version) => {
    expect((await registry().get("runs", { query: { "api-version": version } })).status).toBe(200)
  })

  it.each([
    ["2017-01-01", "InvalidApiVersionParameter"],
    ["latest", "InvalidApiVersionParameter"],
    ["", "MissingApiVersionParameter"],
  ])("refuses '%s' with %s and names what would do", async (version, code) => {
    const answer = await registry().get("runs", { query: { "api-version": version } })

    expect([answer.status, answer.json.error.code]).toEqual([400, code])
    if (version !== "") expect(answer.json.error.message).toContain("2019-06-01-preview")
  })
})

describe("scheduleRun", () => {
  it.each([
    ["nothing", "", "body"],
    ["no JSON", "{nope", "body"],
    ["another type", { type: "TaskRunRequest", taskId: "x" }, "type"],
    ["no Dockerfile", { type: "DockerBuildRequest", platform: { os: "linux" }, sourceLocation: "x" }, "dockerFilePath"],
    ["a timeout below the least", { ...validBody("x"), timeout: 1 }, "timeout"],
  ])("refuses %s with a 400 that names the field", async (_, body, target) => {
    const answer = await registry().post("scheduleRun", { body })

    expect(answer.status).toBe(400)
    expect(answer.json.error).toMatchObject({ code: "InvalidRequestContent", target })
  })

  it("refuses sources that were never uploaded, in ACR's words", async () => {
    const path = `source/202611210000/${randomUUID()}.tar.gz`

    const answer = await registry().post("scheduleRun", { body: validBody(path) })

    expect([answer.status, answer.json.error.code]).toEqual([400, "SourceLocationNotFound"])
    expect(answer.json.error.message).toContain(`The provided source location '${path}' is invalid or doesn't exists.`)
  })

  it("refuses a body above 4 MiB", async () => {
    const answer = await registry().post("scheduleRun", { body: { ...validBody("x"), target: "x".repeat(5_000_000) } })

    expect(answer.status).toBe(413)
  })

  it("answers the small run that ACR answers, and the same run to a repetition", async () => {
    const body = validBody(await runner.upload("slipway", context()))
    const headers = { "x-ms-client-request-id": randomUUID() }

    const answers = await Promise.all(
      Array.from({ length: 4 }, () => registry().post("scheduleRun", { body, headers })),
    )

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200])
    expect(new Set(answers.map(({ json }) => json.name)).size).toBe(1)
    const [{ json }] = answers as [(typeof answers)[number]]
    expect(json.type).toBe("Microsoft.ContainerRegistry/registries/runs")
    expect(json.id).toBe(`${runner.registryPath("slipway")}/runs/${json.name}`)
    expect(Object.keys(json.properties).sort()).toEqual([
      "isArchiveEnabled",
      "lastUpdatedTime",
      "provisioningState",
      "runId",
      "status",
    ])
    const run = await runner.finished("slipway", json.name)
    expect(run.status).toBe("Succeeded")
  })
})

describe("lists", () => {
  it("follow nextLink to every run, newest first, and stop at $top", async () => {
    const sourceLocation = await runner.upload("plainreg", context())
    const ids: string[] = []
    for (let index = 0; index < 3; index++)
      ids.unshift(await runner.schedule("plainreg", { ...validBody(sourceLocation) }))

    const top = await runner.arm("plainreg").get("runs", { query: { $top: "2" } })

    expect(top.json.value.map((run: { name: string }) => run.name)).toEqual(ids.slice(0, 2))
    expect(top.json.nextLink).toBeUndefined()
    for (const id of ids) await runner.finished("plainreg", id)
    const done = await runner
      .arm("plainreg")
      .get("runs", { query: { $filter: `Status eq 'Succeeded' and RunId eq '${ids[1]}'` } })
    expect(done.json.value.map((run: { name: string }) => run.name)).toEqual([ids[1]])
  })

  it.each([
    ["$top", "0"],
    ["$top", "many"],
    ["$filter", "Nonsense eq 1"],
    ["$filter", "Status like 'x'"],
    ["$skipToken", "abc"],
  ])("refuse %s=%s with a 400 that names it", async (name, value) => {
    const answer = await registry().get("runs", { query: { [name]: value } })

    expect([answer.status, answer.json.error.target]).toEqual([400, name])
  })
})
