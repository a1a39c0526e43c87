import { describe, expect, it } from "vitest"
import { type PushStepDeps, runPushStep } from "../../../builder/steps/run-push-step.ts"
import { createFakeEngine, PUSHED_DIGEST } from "../fakes.ts"

const IMAGE = "reg.example:5000/app:v1"

/** A run that has built nothing itself. */
function runWith(rights: PushStepDeps["rights"], idOnEngine: string | undefined) {
  const fake = createFakeEngine()
  fake.onAdopt = () => Promise.resolve(idOnEngine)
  const said: string[] = []
  const deps: PushStepDeps = {
    engine: fake.engine,
    log: { say: (line) => said.push(line), open: () => ({ print() {}, close() {} }) },
    images: { builds: [], pushed: [] },
    rights,
    retries: { attempts: 1, firstDelayMs: 1 },
    causeText: (text) => text,
  }
  const attempt = { signal: new AbortController().signal }
  return { fake, said, images: deps.images, push: () => runPushStep({ images: [IMAGE] }, attempt, deps) }
}

describe("a push step", () => {
  it("pushes what a step has made through the engine's socket, where steps are given that", async () => {
    const { fake, said, images, push } = runWith(new Set(["socket"]), "sha256:made")

    await push()

    expect(fake.asked).toEqual([`adopt ${IMAGE}`, `push ${IMAGE} sha256:made`])
    expect(said.at(-1)).toBe(`Successfully pushed image: ${IMAGE}`)
    expect(images.pushed).toEqual([
      { registry: "reg.example:5000", repository: "app", tag: "v1", digest: PUSHED_DIGEST },
    ])
  })

  it("does not even look at the engine's own images without that right", async () => {
    const { fake, push } = runWith(new Set(), "sha256:of-another-run")

    await expect(push()).rejects.toThrow(`The image ${IMAGE} cannot be pushed: no earlier step has built it.`)

    expect(fake.asked).toEqual([])
  })

  it("says that nothing has built an image that the engine does not have either", async () => {
    const { push } = runWith(new Set(["socket"]), undefined)

    await expect(push()).rejects.toThrow(`The image ${IMAGE} cannot be pushed: no earlier step has built it.`)
  })
})
