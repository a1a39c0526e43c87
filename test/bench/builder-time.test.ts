import { expect, test } from "vitest"
import { secondsOf } from "../../bench/builder-time.ts"

const line = (time: string, fields: Record<string, unknown>) =>
  JSON.stringify({ time: `2026-11-20T10:00:0${time}Z`, level: "info", message: "builder", status: 200, ...fields })
const claim = line("1.500", { op: "claimSpec", runId: "ca1", durationMs: 70 })
const started = line("1.600", { op: "recordEvent", runId: "ca1", durationMs: 9, event: "started" })
const finished = line("3.040", { op: "recordEvent", runId: "ca1", durationMs: 40, event: "finished" })

test("a builder has its run from the answer to its claim until its last event arrives", () => {
  const of = line("1.000", { op: "claimSpec", runId: "ca2", durationMs: 5 })

  expect(secondsOf(["no JSON about ca1", of, claim, started, finished, ""].join("\n"), "ca1")).toBe(1.5)
})

test("what the service refused is no claim and no end", () => {
  const refused = line("0.100", { op: "claimSpec", runId: "ca1", durationMs: 5, status: 409 })

  expect(secondsOf([refused, claim, finished].join("\n"), "ca1")).toBe(1.5)
  expect(secondsOf([claim, finished.replace('"status":200', '"status":503')].join("\n"), "ca1")).toBeUndefined()
})

test("nothing is told of a run that is under way", () => {
  expect(secondsOf([claim, started].join("\n"), "ca1")).toBeUndefined()
})
