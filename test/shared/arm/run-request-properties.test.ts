import { expect, it } from "vitest"
import { readRunRequest } from "../../../shared/arm/read-run-request.ts"

const LIMITS = { minSeconds: 300, defaultSeconds: 3600, maxSeconds: 28_800 }
const read = (values: string[]) =>
  readRunRequest(
    {
      type: "DockerBuildRequest",
      dockerFilePath: "Dockerfile",
      platform: { os: "linux" },
      sourceLocation: "source/202611210000/01234567-89ab-cdef-0123-456789abcdef.tar.gz",
      arguments: values.map((value, index) => ({ name: `A${index}`, value })),
    },
    LIMITS,
  )

it("takes arguments up to 64 KiB each and 1 MiB in all", () => {
  const values = Array.from({ length: 16 }, () => "ü".repeat(32 * 1024))

  expect(read(values).work).toMatchObject({ arguments: values.map((value) => ({ value })) })
})

it.each([
  ["one that is larger", ["a", "ü".repeat(32 * 1024 + 1)], "arguments.1.value"],
  ["many that are large together", Array.from({ length: 17 }, () => "x".repeat(64 * 1024)), "arguments"],
])("refuses %s and names it, without its value", (_what, values, target) => {
  let error: unknown
  try {
    read(values)
  } catch (thrown) {
    error = thrown
  }

  expect(error).toMatchObject({ code: "InvalidRequestContent", target })
  expect(String(error).length).toBeLessThan(200)
})
