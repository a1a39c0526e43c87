import { describe, expect, it } from "vitest"
import { matchesFilter } from "../../../shared/arm/matches-filter.ts"
import { parseFilter } from "../../../shared/arm/odata-filter.ts"

const FIELDS = ["Name", "Size", "CreatedAt", "IsOpen"]
const values = { name: "It's Blue", size: 5, createdat: "2026-01-02T03:04:05Z", isopen: true }
const matches = (text: string) => matchesFilter(parseFilter(text, FIELDS), values)

describe("an OData filter", () => {
  it.each([
    ["name eq 'it''s blue'", true],
    ["Name eq 'other'", false],
    ["Size gt 4 and Size le 5", true],
    ["Size gt 5 or Size lt -1", false],
    ["size eq 1 or size eq 5 and isOpen eq false", false],
    ["(size eq 1 or size eq 5) and isOpen eq true", true],
    ["contains(Name, 'blue')", true],
    ["CONTAINS ( name , 'red' )", false],
    ["createdAt ge 2026-01-02", true],
    ["createdAt gt 2026-01-02T03:04:05.1Z", false],
    ["createdAt eq 2026-01-02T04:04:05+01:00", true],
    ["Name ne null", true],
    ["Name AND eq 'x'", undefined],
    ["", undefined],
    ["Name eq", undefined],
    ["Name eq 'open", undefined],
    ["Name like 'x'", undefined],
    ["(Name eq 'x'", undefined],
    ["Name eq 'x' Size eq 1", undefined],
    ["startswith(Name, 'x')", undefined],
    ["Secret eq 'x'", undefined],
    ["Name eq 'x'; drop", undefined],
    [`${"(".repeat(200)}Name eq 'x'${")".repeat(200)}`, undefined],
    [`Name eq '${"x".repeat(5_000)}'`, undefined],
  ])("%s", (text, expected) => {
    if (expected !== undefined) expect(matches(text)).toBe(expected)
    else
      expect(() => matches(text)).toThrow(
        expect.objectContaining({ code: "InvalidRequestParameter", target: "$filter" }),
      )
  })

  it("names the place of a mistake", () => {
    expect(() => matches("Name eq 'x' and Size ~ 4")).toThrow(/character 21/)
  })
})
