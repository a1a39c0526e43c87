import type { ContainerRegistryManagementClient } from "@azure/arm-containerregistry"
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest"
import { type ArmClient, createArmClient } from "../setup/arm-client.ts"
import { tarball } from "../setup/contexts.ts"
import { createSdkClient } from "../setup/sdk-client.ts"
import { createSwaggerJudge, type Exchange } from "../setup/swagger.ts"
import { poll, readStack, type TestStack } from "../setup/test-stack.ts"

const VERSIONS = ["2018-09-01", "2019-04-01", "2019-06-01-preview", "2025-03-01-preview"]
let stack: TestStack
let arm: ArmClient
let sdk: ContainerRegistryManagementClient
const exchanges: Exchange[] = []

beforeAll(async () => {
  stack = await readStack(inject("stackEnv"))
  arm = await createArmClient(stack, "runner")
  sdk = await createSdkClient(stack, arm, exchanges)
})
afterAll(() => arm.close())

describe("@azure/arm-containerregistry", () => {
  it("uploads, schedules, follows, lists and cancels, and every answer is what the Swagger says", async () => {
    const { resourceGroup } = stack.state
    const upload = await sdk.registries.getBuildSourceUploadUrl(resourceGroup, "slipway")
    const archive = tarball([["Dockerfile", "FROM scratch\nCOPY Dockerfile /\n"]])
    const put = await arm.call("PUT", upload.uploadUrl!, {
      token: null,
      body: archive,
      headers: { "x-ms-blob-type": "BlockBlob", "x-ms-version": "2021-12-02" },
    })
    expect(put.status).toBe(201)

    const queued = await sdk.registries.beginScheduleRunAndWait(resourceGroup, "slipway", {
      type: "DockerBuildRequest",
      dockerFilePath: "Dockerfile",
      imageNames: ["sdk:{{.Run.ID}}"],
      platform: { os: "Linux", architecture: "amd64" },
      sourceLocation: upload.relativePath!,
      arguments: [{ name: "A", value: "1" }],
      timeout: 600,
    })
    const run = await poll("the run to end", async () => {
      const now = await sdk.runs.get(resourceGroup, "slipway", queued.runId!)
      return ["Succeeded", "Failed", "Error"].includes(now.status ?? "") && now
    })

    expect(run.runErrorMessage).toBeUndefined()
    expect(run.status).toBe("Succeeded")
    expect(run.outputImages).toEqual([
      expect.objectContaining({ repository: "sdk", tag: queued.runId, digest: expect.stringMatching(/^sha256:/) }),
    ])
    const log = await sdk.runs.getLogSasUrl(resourceGroup, "slipway", queued.runId!)
    expect(log.logLink).toContain(".blob.")
    const listed = []
    for await (const one of sdk.runs.list(resourceGroup, "slipway", { top: 3 })) listed.push(one.runId)
    expect(listed).toContain(queued.runId)
    const canceled = await sdk.runs
      .beginCancelAndWait(resourceGroup, "slipway", queued.runId!)
      .catch((error: unknown) => error)
    expect(canceled).toMatchObject({ statusCode: 409, code: "Conflict" })

    const judge = await createSwaggerJudge()
    // A cancel that is refused has a status that the Swagger does not declare; it is judged by its error body above.
    const declared = exchanges.filter(({ response }) => response.statusCode !== "409")
    expect(declared.length).toBeGreaterThanOrEqual(5)
    for (const exchange of declared) {
      expect(await judge(exchange), `${exchange.request.method} ${exchange.request.url}`).toEqual([])
    }
  })

  it.each(VERSIONS)("gets answers that fit the Swagger of %s", async (version) => {
    const judge = await createSwaggerJudge()
    const query = { "api-version": version }
    const [{ name }] = (await arm.arm("slipway").get("runs", { query: { ...query, $top: "1" } })).json.value
    const calls: [string, string][] = [
      ["GET", "runs"],
      ["GET", `runs/${name}`],
      ["POST", `runs/${name}/listLogSasUrl`],
      ["POST", "listBuildSourceUploadUrl"],
    ]
    for (const [method, path] of calls) {
      const target = `${arm.registryPath("slipway")}/${path}`
      const answer = await arm.call(method, target, { query })
      const exchange = {
        request: {
          url: `${target}?api-version=${version}`,
          method,
          headers: { "content-type": "application/json" },
          query,
        },
        response: { statusCode: String(answer.status), headers: answer.headers, body: answer.json },
      }
      expect(await judge(exchange), `${method} ${path}`).toEqual([])
    }
  })

  it("maps the service's errors to its own", async () => {
    const error = await sdk.runs.get(stack.state.resourceGroup, "slipway", "nothere").catch((thrown: unknown) => thrown)

    expect(error).toMatchObject({ statusCode: 404, code: "ResourceNotFound" })
  })
})
