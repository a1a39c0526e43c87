import { describe, expect, it } from "vitest"
import { checkPrivileges } from "../../../builder/steps/step-rights.ts"
import type { StepRight } from "../../../shared/builders/run-work.ts"

const PACK = "mcr.microsoft.com/oryx/pack:stable"

function check(given: { image?: string; isPrivileged?: boolean; network?: string }, ...rights: StepRight[]) {
  const { image = "busybox", isPrivileged = false, network = "" } = given
  return () => checkPrivileges({ isPrivileged }, { image, privileges: [], socket: undefined }, network, new Set(rights))
}

describe("the rights of a step", () => {
  it.each([
    ["privileged steps", { isPrivileged: true }, "privileged"],
    ["the machine's network", { network: "host" }, "host-network"],
    ["the pack that az names, before it is fetched", { image: PACK }, "socket"],
    ["a pack of another version", { image: `${PACK}-20240101` }, "socket"],
  ] as const)("refuse %s and name the setting, until the operator gives it", (_what, given, right) => {
    expect(check(given)).toThrow(`SLIPWAY_STEP_RIGHTS=${right}`)
    expect(check(given, right)).not.toThrow()
  })

  it("let everything else run", () => {
    expect(check({ image: "reg.example/oryx/pack:stable" })).not.toThrow()
  })
})
