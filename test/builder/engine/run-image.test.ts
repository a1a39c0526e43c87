import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { expect, onTestFinished, test } from "vitest"
import { resolveImage } from "../../../builder/engine/run-image.ts"
import { createProcessRunner } from "../../../builder/engine/run-process.ts"

const DIGESTS = ["a", "b"].map((digit) => `sha256:${digit.repeat(64)}`)

/** A registry whose tag moves with every question, and a run that asks it. */
async function movingRegistry() {
  let asked = 0
  const server = createServer((_, response) => {
    response.setHeader("docker-content-digest", DIGESTS[asked++ % DIGESTS.length] ?? "").end()
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  onTestFinished(() => void server.close())
  const name = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const session = {
    choice: {
      dialect: "docker" as const,
      command: "/bin/false",
      version: "",
      env: {},
      cache: "none" as const,
      reason: "",
    },
    runner: createProcessRunner({ env: {}, wrap: (call) => call }),
    namedImages: new Map([[`${name}/own:1`, "slipway/run-x:1"]]),
    registries: {
      authOf: () => undefined,
      isInsecure: () => true,
      isOwn: () => false,
      ca: undefined,
    },
    lookups: new Map(),
  }
  return { name, session, asked: () => asked }
}

test("steps that start at the same time ask a registry once what their tag means", async () => {
  const { name, session, asked } = await movingRegistry()

  const images = await Promise.all([1, 2, 3].map(() => resolveImage(session, `${name}/tool:1`, false)))

  expect(images).toEqual(Array(3).fill({ name: `${name}/tool@${DIGESTS[0]}`, pull: "missing" }))
  expect(asked()).toBe(1)
})

test("a later step asks again, since the tag may have moved", async () => {
  const { name, session } = await movingRegistry()

  await resolveImage(session, `${name}/tool:1`, false)

  expect((await resolveImage(session, `${name}/tool:1`, false)).name).toBe(`${name}/tool@${DIGESTS[1]}`)
})

test("what the run has built itself is asked of nobody", async () => {
  const { name, session, asked } = await movingRegistry()

  expect(await resolveImage(session, `${name}/own:1`, false)).toEqual({ name: "slipway/run-x:1", pull: "never" })
  expect(asked()).toBe(0)
})
