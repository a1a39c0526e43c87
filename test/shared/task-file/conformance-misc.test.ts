import { readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"
import { MiscFile, runMiscCases } from "../../conformance/run-misc-case.ts"

const file = MiscFile.parse(
  JSON.parse(readFileSync(new URL("../../data/conformance/misc.json", import.meta.url), "utf8")),
)
const outcomes = runMiscCases(file)

describe("versions, aliases, credentials, networks, digests and vaults as acb reads them", () => {
  test.each(outcomes)("$id", ({ passed, detail }) => {
    expect(passed, detail).toBe(true)
  })

  test("no case is left out", () => {
    expect(outcomes).toHaveLength(81)
  })
})
