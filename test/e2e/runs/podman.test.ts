import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type ArmClient, createArmClient } from "../setup/arm-client.ts"
import { digestInRegistry, plainRegistry, pushBaseImage, stackRegistry } from "../setup/base-image.ts"
import { tarball } from "../setup/contexts.ts"
import { poll, startTestStack, type TestStack } from "../setup/test-stack.ts"

let stack: TestStack & { stop(): Promise<void> }
let arm: ArmClient
let base: { image: string; digest: string }

beforeAll(async () => {
  stack = await startTestStack({ SLIPWAY_ENGINE_KIND: "podman" })
  arm = await createArmClient(stack)
  base = await pushBaseImage(await stackRegistry(stack), "base/busybox", "1")
})
afterAll(async () => {
  arm?.close()
  await stack?.stop()
})

describe("a stack on podman", () => {
  it("builds, pushes and reports tags, digests and bases as one on Docker does", async () => {
    const archive = tarball([["Dockerfile", `FROM ${base.image}\nARG WHO\nRUN echo "hello $WHO" > /hello\n`]])

    const { run, log } = await arm.build("slipway", archive, {
      imageNames: ["podman/app:{{.Run.ID}}", "podman/app:latest"],
      arguments: [{ name: "WHO", value: "world" }],
    })

    expect(run.status, log.text).toBe("Succeeded")
    expect(log.text.split(/\r?\n/)[0]).toMatch(/Engine: podman .*cache/)
    const digest = await digestInRegistry(await stackRegistry(stack), "podman/app", "latest")
    expect(run.outputImages.map((image: { digest: string }) => image.digest)).toEqual([digest, digest])
    expect(log.text).toContain(base.digest)
  })

  it("builds into a registry without TLS and authentication", async () => {
    const own = await pushBaseImage(plainRegistry(stack), "base/busybox", "1")
    const archive = tarball([["Dockerfile", `FROM ${own.image}\nRUN true\n`]])

    const { run, log } = await arm.build("plainreg", archive, { imageNames: ["podman/plain:v1"] })

    expect(run.status, log.text).toBe("Succeeded")
    expect(await digestInRegistry(plainRegistry(stack), "podman/plain", "v1")).toBe(run.outputImages[0].digest)
  })

  it("fails with the cause, and pushes nothing", async () => {
    const archive = tarball([["Dockerfile", `FROM ${base.image}\nRUN echo about-to-fail && exit 7\n`]])

    const { run, log } = await arm.build("slipway", archive, { imageNames: ["podman/fails:v1"] })

    expect(run.status).toBe("Failed")
    expect(log.text).toContain("about-to-fail")
    expect(await digestInRegistry(await stackRegistry(stack), "podman/fails", "v1")).toBeUndefined()
  })

  it("ends a cancelled build at once", async () => {
    const sourceLocation = await arm.upload(
      "slipway",
      tarball([["Dockerfile", `FROM ${base.image}\nRUN echo now-asleep && sleep 600\n`]]),
    )
    const runId = await arm.schedule("slipway", { sourceLocation, imageNames: ["podman/slow:v1"] })
    await poll("the build to sleep", async () => (await arm.readLog("slipway", runId)).text.includes("now-asleep"))

    await arm.arm("slipway").post(`runs/${runId}/cancel`)

    expect((await arm.finished("slipway", runId, 30)).status).toBe("Canceled")
  })
})
