import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest"
import { type ArmClient, createArmClient } from "../setup/arm-client.ts"
import { az } from "../setup/az-client.ts"
import { lastLineOf, runIdOf } from "../setup/az-output.ts"
import { queueByAz } from "../setup/az-queue.ts"
import { digestInRegistry, pushBaseImage, type RegistryTarget, stackRegistry } from "../setup/base-image.ts"
import { readStack, type TestStack } from "../setup/test-stack.ts"

const BUILD = ["acr", "build", "-r", "slipway"]
let stack: TestStack
let arm: ArmClient
let registry: RegistryTarget
let folder: string
let base: string

beforeAll(async () => {
  stack = await readStack(inject("stackEnv"))
  arm = await createArmClient(stack)
  registry = await stackRegistry(stack)
  folder = await mkdtemp(path.join(tmpdir(), "slipway-flags-"))
  base = (await pushBaseImage(registry, "base/busybox", "1")).image
  const signedIn = await az(stack, ["account", "show", "-o", "json"])
  expect(signedIn.code, signedIn.stderr).toBe(0)
})
afterAll(async () => {
  arm.close()
  await rm(folder, { recursive: true, force: true })
})

async function context(dockerfile?: string): Promise<string> {
  const where = await mkdtemp(path.join(folder, "ctx-"))
  if (dockerfile !== undefined) await writeFile(path.join(where, "Dockerfile"), dockerfile)
  return where
}

describe("az acr build", () => {
  it("takes everything at once: a Dockerfile from elsewhere, target, arguments, names of every form, platform, time limit", async () => {
    const secret = "s3cr3t-of-the-flags"
    const where = await context()
    await writeFile(path.join(where, "payload"), "payload-of-the-context\n")
    await mkdir(path.join(folder, "elsewhere"))
    const dockerfile = path.join(folder, "elsewhere", "Special.Dockerfile")
    await writeFile(
      dockerfile,
      [
        `FROM ${base} AS wanted`,
        "ARG EQUATION\nARG EMPTY=default\nARG TOKEN",
        "COPY payload /payload",
        'RUN cat /payload && echo "equation $EQUATION, empty <$EMPTY>, token $TOKEN, on $(uname -m)"',
        "FROM wanted\nRUN exit 1\n",
      ].join("\n"),
    )
    const flags = [
      ...["--file", dockerfile, "--target", "wanted", "--platform", "Linux/AMD64", "--timeout", "600"],
      ...["--build-arg", "EQUATION=a=b c", "--build-arg", "EMPTY", "--secret-build-arg", `TOKEN=${secret}`],
      ...["-t", "flags/all:{{.Run.ID}}", "-t", `${registry.loginServer}/flags/full:v1`, "-t", "flags/untagged"],
      ...["-g", stack.state.resourceGroup, "--auth-mode", "Default", "--log-template", "logs/all:{{.Run.ID}}"],
    ]

    const result = await az(stack, [...BUILD, ...flags, where])

    expect(result.code, result.stdout + result.stderr).toBe(0)
    expect(result.stdout).toContain("payload-of-the-context")
    expect(result.stdout).toContain("equation a=b c, empty <>, token ***, on x86_64")
    expect(result.stdout + result.stderr).not.toContain(secret)
    const pushed = await Promise.all([
      digestInRegistry(registry, "flags/all", runIdOf(result.stderr)),
      digestInRegistry(registry, "flags/full", "v1"),
      digestInRegistry(registry, "flags/untagged", "latest"),
    ])
    expect(new Set(pushed).size).toBe(1)
    expect(pushed[0]).toMatch(/^sha256:/)
  })

  it("pushes nothing with --no-push or without a name, and prints the same with --no-format", async () => {
    const where = await context(`FROM ${base}\nENV A=b\n`)

    const [plain, unpushed, unnamed] = await Promise.all([
      az(stack, [...BUILD, "--no-format", "-t", "flags/plain:v1", where]),
      queueByAz(stack, arm, [...BUILD, "--no-push", "-t", "flags/unpushed:v1", where]),
      queueByAz(stack, arm, [...BUILD, where]),
    ])

    expect(plain.code, plain.stdout + plain.stderr).toBe(0)
    for (const { status, log } of [unpushed, unnamed]) {
      expect(status, log).toBe("Succeeded")
      expect(log).not.toContain("Pushing image")
    }
    expect(await digestInRegistry(registry, "flags/unpushed", "v1")).toBeUndefined()
    expect(await digestInRegistry(registry, "flags/plain", "v1")).toMatch(/^sha256:/)
    expect(lastLineOf(plain.stdout)).toMatch(/^Run ID: \w+ was successful after \d+s$/)
  })

  it("signs in to no registry with --auth-mode None, so what needs that fails with its cause", async () => {
    const [fromNothing, fromBase] = await Promise.all([context("FROM scratch\nLABEL a=b\n"), context(`FROM ${base}\n`)])
    const none = ["--auth-mode", "None"]

    const [built, refused, unpushable] = await Promise.all([
      queueByAz(stack, arm, [...BUILD, ...none, "--no-push", "-t", "flags/none:v1", fromNothing]),
      queueByAz(stack, arm, [...BUILD, ...none, "--no-push", "-t", "flags/none:v1", fromBase]),
      queueByAz(stack, arm, [...BUILD, ...none, "-t", "flags/none:v1", fromNothing]),
    ])

    expect(built.status, built.log).toBe("Succeeded")
    expect(built.log).not.toContain("Logging in to registry")
    expect(refused.status).toBe("Failed")
    expect(lastLineOf(refused.log)).toMatch(/Error: failed to run step ID: build: .*base\/busybox/)
    expect(lastLineOf(unpushable.log)).toMatch(/Error: failed to run step ID: push: .*flags\/none:v1/)
  })
})
