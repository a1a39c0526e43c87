import { afterAll, beforeAll, expect, test } from "vitest"
import { chooseEngine, isPrivateEngineWanted } from "../../../local/engine/engine-choice.ts"
import { createPrivateEngine, type PrivateEngine } from "./private-engine.ts"

/** No docker answers there, whatever this machine has. */
const environment = { PATH: "/usr/bin:/bin", DOCKER_HOST: "unix:///nonexistent/docker.sock" }

let engine: PrivateEngine
beforeAll(async () => {
  engine = await createPrivateEngine()
  await engine.start()
})
afterAll(() => engine.remove())

test("a stack of its own engine is wanted where the machine's docker does not answer, and where it is asked for", async () => {
  expect(await isPrivateEngineWanted(engine, { kind: "auto", environment })).toBe(true)
  expect(await isPrivateEngineWanted(engine, { kind: "private", environment })).toBe(true)
})

test("where docker answers, or one engine is asked for by name, it is not", async () => {
  const answering = {
    ...environment,
    DOCKER_HOST: `unix://${engine.folders.socket}`,
    PATH: `${engine.programFolder}:/usr/bin:/bin`,
  }

  expect(await isPrivateEngineWanted(engine, { kind: "auto", environment: answering })).toBe(false)
  expect(await isPrivateEngineWanted(engine, { kind: "docker", environment })).toBe(false)
  expect(await isPrivateEngineWanted(engine, { kind: "podman", environment })).toBe(false)
})

test("the stack's own Docker Engine is chosen before podman, with a layer cache in the registry", async () => {
  const choice = await chooseEngine(engine, { kind: "auto", environment })

  expect(choice).toMatchObject({
    dialect: "docker",
    cache: "registry",
    env: { DOCKER_HOST: `unix://${engine.folders.socket}` },
  })
})

test("podman is chosen where it is asked for, and has then run a container", async () => {
  const choice = await chooseEngine(engine, { kind: "podman", environment })

  expect(choice).toMatchObject({ dialect: "podman", cache: "registry" })
})

test("an engine that was asked for and does not answer is an error that names it", async () => {
  await expect(chooseEngine({ dataFolder: "/nonexistent" }, { kind: "docker", environment })).rejects.toThrow(
    /no container engine answers/,
  )
})
