import { readdir } from "node:fs/promises"
import path from "node:path"
import { gzipSync } from "node:zlib"
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest"
import { type ArmClient, createArmClient } from "../setup/arm-client.ts"
import { digestInRegistry, plainRegistry, pushBaseImage, stackRegistry } from "../setup/base-image.ts"
import { type Entry, tar, tarball } from "../setup/contexts.ts"
import { readStack, type TestStack } from "../setup/test-stack.ts"

let stack: TestStack
let arm: ArmClient
let base: string

beforeAll(async () => {
  stack = await readStack(inject("stackEnv"))
  arm = await createArmClient(stack)
  base = (await pushBaseImage(await stackRegistry(stack), "base/busybox", "1")).image
})
afterAll(() => arm.close())

const DOCKERFILE: [string, string] = ["Dockerfile", "FROM scratch\nCOPY . /\n"]
const lastLine = (text: string) => text.trimEnd().split(/\r?\n/).at(-1)

/** The run ended as Failed, and its last line and `runErrorMessage` say why. */
async function expectFailed(archive: Buffer, request: Record<string, unknown>, why: RegExp) {
  const { runId, run, log } = await arm.build("slipway", archive, request)

  expect(run.status, log.text).toBe("Failed")
  expect(run.runErrorMessage).toMatch(why)
  expect(lastLine(log.text)).toMatch(new RegExp(`^Run ID: ${runId} failed after \\d+s\\. Error: `))
  expect(lastLine(log.text)).toMatch(why)
  expect(log.complete).toBe("failed")
  return { runId, run, log }
}

describe("a context that is", () => {
  it.each<[string, () => Buffer, RegExp]>([
    ["not gzip", () => tar([DOCKERFILE]), /gzip/i],
    ["no archive at all", () => gzipSync(Buffer.from("x".repeat(5_000))), /tar|archive/i],
    [
      "truncated",
      () => tarball([DOCKERFILE, ["big", "x".repeat(100_000)]]).subarray(0, 150),
      /truncated|incomplete|ends|unexpected end|cut/i,
    ],
    ["empty", () => Buffer.alloc(0), /empty|gzip|truncated/i],
    ["climbing out with ..", () => tarball([DOCKERFILE, ["../outside", "x"]]), /outside|\.\./],
    ["climbing out in the middle", () => tarball([DOCKERFILE, ["a/../../outside", "x"]]), /outside|\.\./],
    ["absolute", () => tarball([DOCKERFILE, ["/etc/slipway-outside", "x"]]), /absolute|\/etc/],
    [
      "a link that leaves",
      () => tarball([DOCKERFILE, { path: "l", type: "SymbolicLink", linkpath: "../../../etc" }]),
      /link|outside/i,
    ],
    [
      "an absolute link",
      () => tarball([DOCKERFILE, { path: "l", type: "SymbolicLink", linkpath: "/etc/passwd" }]),
      /link|outside|absolute/i,
    ],
    [
      "a file written through a link",
      () =>
        tarball([
          DOCKERFILE,
          { path: "d/", type: "Directory" },
          { path: "l", type: "SymbolicLink", linkpath: "../.." },
          ["l/outside", "x"],
        ] as Entry[]),
      /link|outside/i,
    ],
    [
      "a hard link that leaves",
      () => tarball([DOCKERFILE, { path: "l", type: "Link", linkpath: "../../secret" }]),
      /link|outside|\.\./i,
    ],
    ["a device", () => tarball([DOCKERFILE, { path: "dev", type: "CharacterDevice" }]), /device/i],
    [
      "exploding in size",
      () => tarball([DOCKERFILE, { path: "zeros", content: Buffer.alloc(300 * 1024 * 1024) }]),
      /ratio|bomb|larger|times/i,
    ],
  ])("%s fails the run, says so, and writes nothing outside its folder", async (_, archive, why) => {
    await expectFailed(archive(), { imageNames: ["hostile:v1"] }, why)

    const around = await readdir(path.join(stack.state.dataFolder, "builds"))
    expect(around.filter((name) => /outside/.test(name))).toEqual([])
    await expect(readdir("/etc")).resolves.not.toContain("slipway-outside")
  })
})

describe("a Dockerfile that is", () => {
  it("missing fails the run and is named", async () => {
    await expectFailed(tarball([["README", "x"]]), {}, /Dockerfile/)
  })

  it("broken fails the run with the line's fault", async () => {
    await expectFailed(tarball([["Dockerfile", "FROM scratch\nNONSENSE x\n"]]), {}, /NONSENSE|unknown instruction/i)
  })

  it("outside of the context is refused", async () => {
    await expectFailed(tarball([DOCKERFILE]), { dockerFilePath: "../../../etc/passwd" }, /outside|context/i)
  })
})

describe("a registry that", () => {
  it("does not have the base image fails the run and names the image", async () => {
    const image = `${stack.plain.loginServer}/not/here:1`

    await expectFailed(tarball([["Dockerfile", `FROM ${image}\n`]]), {}, /not\/here/)
  })

  it("refuses the push fails the run", async () => {
    const request = {
      imageNames: [`127.0.0.1:${stack.state.registry.port}/refused:v1`],
      credentials: { sourceRegistry: { loginMode: "None" } },
    }

    await expectFailed(
      tarball([DOCKERFILE]),
      request,
      /denied|unauthorized|authentication required|authorization|refused|credentials/i,
    )
  })

  it("is given a wrong password fails the run and keeps the password to itself", async () => {
    const loginServer = `127.0.0.1:${stack.state.registry.port}`
    const password = "Wr0ng-Passw0rd-xyz"
    const customRegistries = { [loginServer]: { userName: { value: "robot" }, password: { value: password } } }

    const { run, log } = await expectFailed(
      tarball([DOCKERFILE]),
      { imageNames: ["wrong:v1"], credentials: { customRegistries } },
      /unauthorized|denied|401|password|credentials/i,
    )

    expect(JSON.stringify(run)).not.toContain(password)
    expect(log.text).not.toContain(password)
  })
})

describe("a secret that lives in a vault", () => {
  const url = "https://acme.vault.azure.net/secrets/pw"

  it("ends the run that signs in with it, with what to give instead", async () => {
    const password = { type: "Vaultsecret", value: url }
    const credentials = {
      customRegistries: { "other.test": { userName: { value: "me" }, password, identity: "[system]" } },
    }

    const { log } = await expectFailed(
      tarball([DOCKERFILE]),
      { credentials },
      /registry other\.test: .*give it as a secret/,
    )

    expect(log.text).toContain("Reading the login to registry: other.test")
  })

  it("ends the run whose task file names it, with its place", async () => {
    const task = `secrets:\n- id: pw\n  keyvault: ${url}\nsteps:\n- cmd: x {{.Secrets.pw}}\n`

    await expectFailed(
      tarball([["acb.yaml", task]]),
      { type: "FileTaskRunRequest", taskFilePath: "acb.yaml" },
      /acb\.yaml:2:3: failed to resolve secret pw: .*--set-secret name=value/,
    )
  })
})

describe("a failed build", () => {
  it("pushes nothing, not one of its tags", async () => {
    const request = { imageNames: ["nothing:a", "nothing:b"] }

    await expectFailed(tarball([["Dockerfile", `FROM ${base}\nRUN false\n`]]), request, /./)

    const registry = await stackRegistry(stack)
    expect(await digestInRegistry(registry, "nothing", "a")).toBeUndefined()
    expect(await digestInRegistry(registry, "nothing", "b")).toBeUndefined()
  })

  it("ends as Timeout at its timeout, with everything it started gone", async () => {
    const archive = tarball([["Dockerfile", `FROM ${base}\nRUN sleep 300\n`]])

    const { run, log, runId } = await arm.build("slipway", archive, { timeout: 4 })

    expect(run.status, log.text).toBe("Timeout")
    expect(log.complete).toBe("timedout")
    expect(lastLine(log.text)).toMatch(new RegExp(`^Run ID: ${runId} timed out after`))
  })
})

describe("a run that succeeds", () => {
  it("reports tags, digests and the bases that it really used", async () => {
    const pushed = await pushBaseImage(plainRegistry(stack), "base/other", "7")
    const dockerfile = `FROM ${base} AS tools\nRUN echo made > /made\nFROM ${pushed.image}\nCOPY --from=tools /made /made\n`

    const { run, log, runId } = await arm.build("slipway", tarball([["Dockerfile", dockerfile]]), {
      imageNames: ["multi/stage:{{.Run.ID}}", "multi/stage:latest"],
    })

    expect(run.status, log.text).toBe("Succeeded")
    const digest = await digestInRegistry(await stackRegistry(stack), "multi/stage", "latest")
    expect(run.outputImages).toEqual([
      { registry: `127.0.0.1:${stack.state.registry.port}`, repository: "multi/stage", tag: runId, digest },
      { registry: `127.0.0.1:${stack.state.registry.port}`, repository: "multi/stage", tag: "latest", digest },
    ])
    expect(log.text).toContain("The following dependencies were found:")
    expect(log.text).toContain(pushed.digest)
  })

  it("executes no RUN step again when the same sources are built by an engine that knows nothing of them", async () => {
    const marker = `marker-${Date.now()}`
    const archive = tarball([["Dockerfile", `FROM ${base}\nRUN echo ${marker} > /a\nRUN echo two > /b\n`]])
    const first = await arm.build("slipway", archive, { imageNames: ["cached/app:v1"] })
    expect(first.run.status, first.log.text).toBe("Succeeded")

    const second = await arm.build("slipway", archive, { imageNames: ["cached/app:v2"] })

    expect(second.run.status, second.log.text).toBe("Succeeded")
    expect(second.log.text).toMatch(/CACHED|Using cache/)
  })

  it("leaves no work folder behind", async () => {
    const { runId } = await arm.build("slipway", tarball([DOCKERFILE]), { isPushEnabled: false })

    const { poll } = await import("../setup/test-stack.ts")
    await poll(
      "the work folder to be gone",
      async () => {
        const folders = await readdir(path.join(stack.state.dataFolder, "builds"))
        return !folders.some((name) => name.startsWith(runId))
      },
      20,
    )
  })
})
