import type { ContainerRegistryManagementClient } from "@azure/arm-containerregistry"
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest"
import { type ArmClient, createArmClient } from "../setup/arm-client.ts"
import { pushBaseImage, stackRegistry } from "../setup/base-image.ts"
import { tarball } from "../setup/contexts.ts"
import { createSdkClient } from "../setup/sdk-client.ts"
import { createSwaggerJudge, type Exchange } from "../setup/swagger.ts"
import { poll, readStack, type TestStack } from "../setup/test-stack.ts"

let stack: TestStack
let arm: ArmClient
let sdk: ContainerRegistryManagementClient
let base: string
const exchanges: Exchange[] = []

beforeAll(async () => {
  stack = await readStack(inject("stackEnv"))
  arm = await createArmClient(stack, "runner")
  base = (await pushBaseImage(await stackRegistry(stack), "base/busybox", "1")).image
  sdk = await createSdkClient(stack, arm, exchanges)
})
afterAll(() => arm.close())

async function endOf(runId: string | undefined) {
  const { resourceGroup } = stack.state
  const run = await poll(`run ${runId} to end`, async () => {
    const now = await sdk.runs.get(resourceGroup, "slipway", runId ?? "")
    return ["Succeeded", "Failed", "Error"].includes(now.status ?? "") && now
  })
  return { run, log: (await arm.readLog("slipway", runId ?? "")).text }
}

async function upload(files: [string, string][]): Promise<string> {
  const { uploadUrl, relativePath } = await sdk.registries.getBuildSourceUploadUrl(stack.state.resourceGroup, "slipway")
  const put = await arm.call("PUT", uploadUrl ?? "", {
    token: null,
    body: tarball(files),
    headers: { "x-ms-blob-type": "BlockBlob", "x-ms-version": "2021-12-02" },
  })
  expect(put.status).toBe(201)
  return relativePath ?? ""
}

const encoded = (text: string) => Buffer.from(text).toString("base64")

describe("@azure/arm-containerregistry", () => {
  it("schedules a task file of the sources and one in the request, and every answer is what the Swagger says", async () => {
    const { resourceGroup } = stack.state
    const platform = { os: "Linux", architecture: "amd64" }
    const secret = { name: "password", value: "s3cr3t-of-the-sdk", isSecret: true }
    const task = [
      "version: v1.1.0",
      "steps:",
      "  - build: -t $Registry/sdk-task:$ID .",
      "  - push: [$Registry/sdk-task:$ID]",
      `  - cmd: ${base} echo {{.Values.greeting}} {{.Values.who}} {{.Values.password}}`,
    ].join("\n")
    const sourceLocation = await upload([
      ["tasks/build.yaml", task],
      ["tasks/values.yaml", "greeting: hello\nwho: nobody\n"],
      ["Dockerfile", "FROM scratch\nCOPY Dockerfile /\n"],
    ])

    const queued = await Promise.all([
      sdk.registries.beginScheduleRunAndWait(resourceGroup, "slipway", {
        type: "FileTaskRunRequest",
        taskFilePath: "tasks/build.yaml",
        valuesFilePath: "tasks/values.yaml",
        values: [{ name: "who", value: "the sdk" }, secret],
        ...{ platform, sourceLocation, timeout: 600, credentials: { sourceRegistry: { loginMode: "Default" } } },
      }),
      sdk.registries.beginScheduleRunAndWait(resourceGroup, "slipway", {
        type: "EncodedTaskRunRequest",
        encodedTaskContent: encoded(`steps:\n  - cmd: ${base} echo {{.Values.greeting}} {{.Values.password}}\n`),
        encodedValuesContent: encoded("greeting: encoded-hello\n"),
        ...{ values: [secret], platform },
      }),
      sdk.registries.beginScheduleRunAndWait(resourceGroup, "slipway", {
        type: "EncodedTaskRunRequest",
        encodedTaskContent: encoded("steps:\n  - cmd: a\n    build: b\n"),
        platform: { os: "linux" },
      }),
    ])
    const [file, inRequest, mistaken] = await Promise.all(queued.map(({ runId }) => endOf(runId)))

    expect([file, inRequest, mistaken].map((ended) => ended?.run.runType)).toEqual(Array(3).fill("QuickRun"))
    expect(file?.run.runErrorMessage).toBeUndefined()
    expect(file?.log).toContain("hello the sdk ***")
    expect(file?.run.outputImages).toEqual([
      expect.objectContaining({
        repository: "sdk-task",
        tag: queued[0]?.runId,
        digest: expect.stringMatching(/^sha256:/),
      }),
    ])
    expect(inRequest?.run.status).toBe("Succeeded")
    expect(inRequest?.log).toContain("encoded-hello ***")
    expect(mistaken?.run).toMatchObject({
      status: "Failed",
      runErrorMessage: expect.stringMatching(/task:3:5: step must only contain/),
    })

    const judge = await createSwaggerJudge()
    const scheduled = exchanges.filter(({ request }) => request.url.includes("/scheduleRun"))
    expect(scheduled.length).toBeGreaterThanOrEqual(3)
    for (const exchange of exchanges) {
      expect(await judge(exchange), `${exchange.request.method} ${exchange.request.url}`).toEqual([])
    }
    expect(JSON.stringify(exchanges.map(({ response }) => response))).not.toContain(secret.value)
  })

  it("is refused what cannot be a task file, with the field at fault", async () => {
    const schedule = (encodedTaskContent: string) =>
      sdk.registries
        .beginScheduleRunAndWait(stack.state.resourceGroup, "slipway", {
          ...{ type: "EncodedTaskRunRequest", encodedTaskContent, platform: { os: "Linux" } },
        })
        .catch((error: unknown) => error)

    const noBase64 = await schedule("%%%")
    const noText = await schedule(Buffer.from([0xff, 0xfe, 0xff]).toString("base64"))

    for (const error of [noBase64, noText]) {
      expect(error).toMatchObject({ statusCode: 400, message: expect.stringContaining("encodedTaskContent") })
    }
  })
})
