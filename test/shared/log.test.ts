import { describe, expect, it } from "vitest"
import { AppError } from "../../shared/errors.ts"
import { createLog } from "../../shared/log.ts"

function logged(write: (log: ReturnType<typeof createLog>) => void) {
  const lines: string[] = []
  write(createLog((_, line) => lines.push(line), { op: "test" }))
  return lines.map((line) => JSON.parse(line))
}

describe("the service log", () => {
  it("writes one line of JSON an event, with its time, level and fields", () => {
    const [line] = logged((log) => log.warn("something", { runId: "abc" }))

    expect(line).toEqual({
      time: expect.stringMatching(/^\d{4}-.*Z$/),
      level: "warn",
      message: "something",
      op: "test",
      runId: "abc",
    })
  })

  it("shows an error with its code and causes, and no SAS signature", () => {
    const cause = new Error("GET https://x/?sv=1&sig=abc%2Fdef failed")
    const [line] = logged((log) =>
      log.error("failed", { error: new AppError("StorageUnavailable", "away", { cause }) }),
    )

    expect(line.error).toMatchObject({
      code: "StorageUnavailable",
      message: "away",
      cause: { message: "GET https://x/?sv=1&sig=*** failed" },
    })
  })
})
