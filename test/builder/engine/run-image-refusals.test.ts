import { expect, test } from "vitest"
import { resolveImage } from "../../../builder/engine/run-image.ts"
import { recordingSession } from "./recording-session.ts"

test.each(["--privileged", "dir:/etc", "", "a/B"])("%j is no image, and no engine hears of it", async (name) => {
  const { session, calls } = await recordingSession(() => ({ exitCode: 0 }))

  await expect(resolveImage(session, name, true)).rejects.toThrow(`"${name}" is no image name`)

  expect(calls).toEqual([])
})

test("an image that only the engine has counts where steps have its socket", async () => {
  const { session, calls } = await recordingSession(() => ({ exitCode: 0 }))

  expect(await resolveImage(session, "made:1", true)).toEqual({ name: "made:1", pull: "never" })
  expect(calls[0]?.args.slice(-2)).toEqual(["--", "made:1"])
})

test("a registry that does not answer leaves it to the engine to fetch the image, each time", async () => {
  const { session, calls } = await recordingSession(() => ({ exitCode: 0 }))

  // Nobody listens on port 1, and the run's own rules keep it from the machine's loopback.
  expect(await resolveImage(session, "127.0.0.1:1/a", false)).toEqual({
    ...{ name: "127.0.0.1:1/a:latest", pull: "always" },
  })
  expect(calls).toEqual([])
})
