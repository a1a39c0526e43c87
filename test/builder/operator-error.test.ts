import { expect, it } from "vitest"
import { errorText, OperatorError } from "../../builder/operator-error.ts"

it("says our own words", () => {
  expect(errorText(new OperatorError("The service is away."))).toBe("The service is away.")
})

it("says of any other error where it happened, and nothing of its message", () => {
  const error = new SyntaxError("Invalid: /hunter2\n    at hunter2/")

  expect(errorText(error)).toMatch(/^SyntaxError at .*operator-error\.test\.ts:\d+/)
  expect(errorText(error)).not.toContain("hunter2")
  expect(errorText("hunter2")).not.toContain("hunter2")
  expect(errorText(Object.assign(new Error("open /hunter2"), { code: "ENOENT", stack: "" }))).toBe("Error ENOENT")
})
