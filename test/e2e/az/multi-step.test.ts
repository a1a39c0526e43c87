import { beforeAll, describe, expect, inject, it } from "vitest"
import { az } from "../setup/az-client.ts"
import { lastLineOf, runIdOf } from "../setup/az-output.ts"
import { digestInRegistry, pushBaseImage, type RegistryTarget, stackRegistry } from "../setup/base-image.ts"
import { readStack, type TestStack } from "../setup/test-stack.ts"

let stack: TestStack
let registry: RegistryTarget
let base: string

beforeAll(async () => {
  stack = await readStack(inject("stackEnv"))
  registry = await stackRegistry(stack)
  base = (await pushBaseImage(registry, "base/busybox", "1")).image
  const signedIn = await az(stack, ["account", "show", "-o", "json"])
  expect(signedIn.code, signedIn.stderr).toBe(0)
})

function runExample(...more: string[]) {
  const set = ["--set", `base=${base}`, ...more]
  return az(stack, ["acr", "run", "-r", "slipway", "-f", "acb.yaml", ...set, "examples/multi-step"])
}

describe("examples/multi-step", () => {
  it("reaches the upgrade when the tests are green, and stops before push and package when they are not", async () => {
    const [green, red] = await Promise.all([runExample(), runExample("--set", "fail=true")])

    expect(green.code, green.stdout + green.stderr).toBe(0)
    const runId = runIdOf(green.stderr)
    const image = `${registry.loginServer}/multi-step/app:${runId}`
    expect(green.stdout).toContain("The application says: Hello from the application.")
    expect(green.stdout).toContain("1 test passed")
    expect(green.stdout).toContain("Successfully packaged chart and saved it to: packages/app-0.1.0.tgz")
    expect(green.stdout).toContain(`Release "app" would be upgraded to appVersion: ${runId} with: --set image=${image}`)
    expect(await digestInRegistry(registry, "multi-step/app", runId)).toMatch(/^sha256:/)

    expect(red.code).toBe(1)
    expect(red.stdout).toContain("FAILED: the page is not what it should be")
    expect(lastLineOf(red.stdout)).toMatch(/Error: failed to run step ID: test: exit status 1$/)
    for (const step of ["push", "package", "upgrade"]) expect(red.stdout).not.toContain(`Executing step ID: ${step}.`)
    expect(await digestInRegistry(registry, "multi-step/app", runIdOf(red.stderr))).toBeUndefined()
  })
})
