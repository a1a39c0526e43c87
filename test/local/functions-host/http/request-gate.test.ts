import { expect, it } from "vitest"
import { createRequestGate } from "../../../../local/functions-host/http/request-gate.ts"

it("lets as many in at once as may run, the others in the order they came", async () => {
  const gate = createRequestGate({ maxConcurrentRequests: 1, maxOutstandingRequests: 3 })
  const order: string[] = []
  const leaveFirst = await gate.enter()
  const second = Promise.resolve(gate.enter()).then((leave) => {
    order.push("second")
    return leave
  })
  const third = Promise.resolve(gate.enter()).then(() => order.push("third"))

  expect(gate.enter()).toBeUndefined()
  leaveFirst?.()
  const leaveSecond = await second
  expect(order).toEqual(["second"])
  leaveSecond?.()
  await third

  expect(order).toEqual(["second", "third"])
})

it("refuses nothing without limits", () => {
  const gate = createRequestGate({ maxConcurrentRequests: -1, maxOutstandingRequests: -1 })

  const entries = Array.from({ length: 1_000 }, () => gate.enter())

  expect(entries.every((entry) => typeof entry === "function")).toBe(true)
})
