import { symlink } from "node:fs/promises"
import { PassThrough } from "node:stream"
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import type { EngineChoice } from "../../../builder/engine/engine.ts"
import { digestInRegistry, pushBaseImage } from "../setup/base-image.ts"
import { DIALECTS, engineOf, startRun, type TestRun } from "./test-engine.ts"
import { freePort, REGISTRY_PASSWORD, REGISTRY_USER, startTestRegistry, type TestRegistry } from "./test-registry.ts"

const DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"

let registry: TestRegistry
let locked: TestRegistry
let base: string
let lockedBase: string
const runs: TestRun[] = []

beforeAll(async () => {
  registry = await startTestRegistry()
  locked = await startTestRegistry({ hasPassword: true })
  base = (await pushBaseImage(registry, "base/busybox", "1")).image
  lockedBase = (await pushBaseImage(locked, "base/busybox", "1")).image
})
afterEach(async () => {
  for (const run of runs.splice(0)) await run.end()
})
afterAll(async () => {
  await registry?.stop()
  await locked?.stop()
})

describe.each(DIALECTS)("%s", (dialect) => {
  let choice: EngineChoice
  beforeAll(async () => {
    choice = await engineOf(dialect)
  })
  const start = async (dockerfile: string | undefined) => {
    const insecureRegistries = [registry.loginServer, locked.loginServer]
    const run = await startRun(
      choice,
      { a: "1", ...(dockerfile !== undefined && { Dockerfile: dockerfile }) },
      { insecureRegistries },
    )
    runs.push(run)
    return run
  }

  test("a failing RUN fails the build with its exit code, and there is nothing to push", async () => {
    const run = await start(
      `FROM ${base}\nRUN echo before; echo "Error: cannot connect to the Docker daemon" >&2; exit 7\n`,
    )
    const images = [`${registry.loginServer}/${dialect}/failed:1`]

    const built = run.engine.build(run.options({ images, cache: { isRead: true, isWritten: true } }))

    await expect(built).rejects.toMatchObject({
      code: "BuildFailed",
      message: expect.stringMatching(/exit (code: |status )7$/),
    })
    expect(run.lines.some((line) => line.includes("before"))).toBe(true)
    expect(await digestInRegistry(registry, `${dialect}/failed`, "1")).toBeUndefined()
    await expect(run.engine.push("sha256:none", images[0]!, () => {})).rejects.toThrow("no image of run")
  })

  test("a base image that does not exist", async () => {
    const run = await start(`FROM ${registry.loginServer}/base/nope:9\nRUN true\n`)

    const built = run.engine.build(run.options())

    await expect(built).rejects.toMatchObject({
      code: "BaseImageNotFound",
      message: expect.stringContaining("base/nope"),
    })
  })

  test("a base image whose registry cannot be reached can be tried again", async () => {
    const run = await start(`FROM 127.0.0.1:${await freePort()}/base:1\nRUN true\n`)

    const built = run.engine.build(run.options())

    await expect(built).rejects.toMatchObject({ code: "RegistryUnavailable", isRetryable: true })
  })

  test.each([
    ["no file", undefined, /there is no Dockerfile Dockerfile/],
    ["an empty file", "", /no FROM instruction/],
    // This one ends dockerd 26.1 with a panic when it gets there.
    ["arguments only", "ARG V=1\n", /no FROM instruction/],
    ["an unknown instruction", "FROM BASE\nFOO bar\n", /unknown instruction:? "?FOO/i],
    ["a FROM of two words", "FROM BASE AS\n", /FROM requires either one/],
    ["a name in capitals", "FROM Upper\n", /must be lowercase|invalid reference format/],
  ])("a broken Dockerfile: %s", async (_, dockerfile, message) => {
    const run = await start(dockerfile?.replace("BASE", base))

    const built = run.engine.build(run.options())

    await expect(built).rejects.toMatchObject({ code: "DockerfileInvalid", message: expect.stringMatching(message) })
  })

  test("a target that does not exist", async () => {
    const run = await start(`FROM ${base}\n`)

    const built = run.engine.build(run.options({ target: "nope" }))

    await expect(built).rejects.toMatchObject({ code: "DockerfileInvalid", message: expect.stringMatching(/nope/) })
  })

  test("a Dockerfile that is a link out of the context is not read", async () => {
    const run = await start(undefined)
    await symlink("/etc/passwd", `${run.contextFolder}/Dockerfile`)

    const built = run.engine.build(run.options())

    await expect(built).rejects.toMatchObject({
      code: "DockerfileInvalid",
      message: expect.stringContaining("out of the context"),
    })
    expect(run.lines.join("\n")).not.toContain("root:")
  })

  test("a file to copy that is not there", async () => {
    const run = await start(`FROM ${base}\nCOPY nofile /\n`)

    await expect(run.engine.build(run.options())).rejects.toMatchObject({
      code: "BuildFailed",
      message: expect.stringContaining("nofile"),
    })
  })

  test("a registry without our login refuses the base; with it, base and push work", async () => {
    const stranger = await start(`FROM ${lockedBase}\nCOPY a /a\n`)
    const guest = await start(`FROM ${lockedBase}\nCOPY a /a\n`)
    const name = `${locked.loginServer}/${dialect}/ok:1`

    await expect(stranger.engine.build(stranger.options())).rejects.toMatchObject({ code: "LoginRefused" })
    await guest.engine.login({ loginServer: locked.loginServer, userName: REGISTRY_USER, password: REGISTRY_PASSWORD })
    const { imageId } = await guest.engine.build(guest.options({ images: [name] }))
    const digest = await guest.engine.push(imageId, name, () => {})

    expect(digest).toBe(await digestInRegistry(locked, `${dialect}/ok`, "1"))
    expect(guest.lines.join("\n")).not.toContain(REGISTRY_PASSWORD)
  })

  test("a wrong password refuses the push in the registry's words, without the password", async () => {
    const run = await start(`FROM ${base}\nCOPY a /a\n`)
    const name = `${locked.loginServer}/${dialect}/refused:1`
    await run.engine.login({ loginServer: locked.loginServer, userName: REGISTRY_USER, password: "wrong-secret" })
    const { imageId } = await run.engine.build(run.options({ images: [name] }))

    const error = await run.engine
      .push(imageId, name, (line) => run.lines.push(line))
      .catch((reason: unknown) => reason)

    expect(error).toMatchObject({
      code: "LoginRefused",
      message: expect.stringMatching(/unauthorized|authentication required|username|password/i),
    })
    expect(`${String(error)}\n${run.lines.join("\n")}`).not.toContain("wrong-secret")
    expect(await digestInRegistry(locked, `${dialect}/refused`, "1")).toBeUndefined()
  })

  const runFor = async (platform: string, image: string) => {
    const run = await start(undefined)
    const { name, pull } = await run.engine.resolveImage(image, false)
    return await run.engine.run({
      ...{ name: "1", alias: undefined, image: name, pull, arguments: ["true"], env: [], mounts: [], options: [] },
      ...{ network: undefined, workingDirectory: undefined, entryPoint: undefined, user: undefined },
      ...{ isolation: undefined, cpus: undefined, expose: [], isPrivileged: false, platform },
      ...{ isDetached: false, maxProcesses: 50, streams: { stdout: new PassThrough(), stderr: new PassThrough() } },
      signal: new AbortController().signal,
    })
  }

  test("a container whose image has no such platform ends with what it has", async () => {
    const index = await pushIndex(base)

    const ofIndex = await runFor("linux/386", index)
    const ofImage = await runFor("linux/386", base)

    const reason = expect.stringMatching(/^the image .* is not for linux\/386, it is for linux\/amd64: run it for one/)
    expect(ofIndex).toEqual({ exitCode: 125, reason })
    // podman runs the only image that there is, whatever it is for.
    expect(ofImage).toEqual(dialect === "docker" ? { exitCode: 125, reason } : { exitCode: 0 })
  })

  test("a registry that is away can be pushed to later", async () => {
    const run = await start(`FROM ${base}\nCOPY a /a\n`)
    const name = `127.0.0.1:${await freePort()}/away:1`
    const { imageId } = await run.engine.build(run.options({ images: [name] }))

    await expect(run.engine.push(imageId, name, () => {})).rejects.toMatchObject({
      code: "RegistryUnavailable",
      isRetryable: true,
    })
  })

  test("a cache that can neither be read nor written is a warning", async () => {
    const run = await start(`FROM ${base}\nRUN echo ${dialect}-${Date.now()}\n`)
    const images = [`${locked.loginServer}/${dialect}/cacheless:1`]

    const { imageId } = await run.engine.build(run.options({ images, cache: { isRead: true, isWritten: true } }))

    expect(imageId).toMatch(/^sha256:/)
  })
})

/** An index with nothing but this image, for linux/amd64. Returns its name. */
async function pushIndex(image: string): Promise<string> {
  const url = `http://${registry.loginServer}/v2/base/busybox/manifests`
  const manifest = await fetch(`${url}/1`, { headers: { accept: DOCKER_MANIFEST } })
  const descriptor = {
    mediaType: DOCKER_MANIFEST,
    digest: manifest.headers.get("docker-content-digest"),
    size: (await manifest.arrayBuffer()).byteLength,
    platform: { os: "linux", architecture: "amd64" },
  }
  const mediaType = "application/vnd.docker.distribution.manifest.list.v2+json"
  const put = await fetch(`${url}/index`, {
    method: "PUT",
    headers: { "content-type": mediaType },
    body: JSON.stringify({ schemaVersion: 2, mediaType, manifests: [descriptor] }),
  })
  expect(put.status).toBe(201)
  return image.replace(/:1$/, ":index")
}
