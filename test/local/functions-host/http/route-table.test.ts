import { describe, expect, it } from "vitest"
import type { AppFunction } from "../../../../local/functions-host/app/core-types.ts"
import { createRouteTable } from "../../../../local/functions-host/http/route-table.ts"

/** One function per template, named after it. */
function table(...templates: string[]) {
  return createRouteTable(
    templates.map((template) => ({ template, methods: ["GET"], fn: { name: template } as AppFunction })),
  )
}
function find(templates: string[], path: string, method = "GET") {
  const match = table(...templates).find(method, path)
  return match.kind === "found" ? { template: match.fn.name, params: match.params } : match.kind
}

describe("a route", () => {
  it.each([
    ["literals before parameters", ["a/{x}", "a/b"], "/a/b", "a/b"],
    ["constrained before plain parameters", ["a/{x}", "a/{x:int}"], "/a/1", "a/{x:int}"],
    ["plain ones when the constraint does not hold", ["a/{x}", "a/{x:int}"], "/a/b", "a/{x}"],
    ["mixed segments before plain parameters", ["{x}", "{x}.{y}"], "/a.b", "{x}.{y}"],
    ["parameters before catch-alls", ["a/{*rest}", "a/{x}"], "/a/b", "a/{x}"],
    ["constrained catch-alls before plain ones", ["{*rest}", "{*rest:minlength(3)}"], "/abc", "{*rest:minlength(3)}"],
    ["the first segment decides first", ["{x}/b", "a/{x}"], "/a/b", "a/{x}"],
    ["the shorter of two that match", ["a/{x?}", "a"], "/a", "a"],
    ["the first registered of equals", ["a/{x}", "a/{y}"], "/a/b", "a/{x}"],
  ])("is the most precise: %s", (_, templates, path, expected) => {
    expect(find(templates, path)).toMatchObject({ template: expected })
  })

  it.each([
    ["{a}/{b}", "/1/2", { a: "1", b: "2" }],
    ["{a}/{b?}", "/1", { a: "1" }],
    ["{a}/{b=two}", "/1", { a: "1", b: "two" }],
    ["{*rest}", "/", {}],
    ["{*rest}", "/a//b/", { rest: "a//b" }],
    ["{**rest}", "/a/b", { rest: "a/b" }],
    ["{name}.{extension}", "/archive.tar.gz", { name: "archive", extension: "tar.gz" }],
    ["v{major:int}/x", "/V2/x", { major: "2" }],
    ["{a}", "/%E2%82%AC%20x", { a: "€ x" }],
    ["{a}", "/a%2Fb", { a: "a%2Fb" }],
    ["{a}", "/100%", { a: "100%" }],
    ["a%20b", "/a%20b", undefined],
    ["with space", "/with%20space", {}],
    ["{{literal}}", "/{literal}", {}],
    ["", "/", {}],
  ])("%s takes %s", (template, path, params) => {
    expect(find([template], path)).toEqual(params === undefined ? "notFound" : { template, params })
  })

  it.each([
    ["{a}", "/"],
    ["{a}", "/1/2"],
    ["a/b", "/a"],
    ["a", "/a/b"],
    ["{a}/b", "//b"],
    ["{name}.{extension}", "/none"],
    ["", "/x"],
  ])("%s does not take %s", (template, path) => {
    expect(find([template], path)).toBe("notFound")
  })

  it("with another method is told from one that is not there", () => {
    expect(find(["a"], "/a", "PUT")).toBe("methodNotAllowed")
    expect(find(["a"], "/b", "PUT")).toBe("notFound")
  })

  it.each([
    ["{a:int}", ["1", "-5", "2147483647"], ["x", "1.5", "2147483648"]],
    ["{a:long}", ["9223372036854775807"], ["9223372036854775808"]],
    ["{a:bool}", ["true", "FALSE"], ["1", "yes"]],
    ["{a:datetime}", ["2026-01-01"], ["soon"]],
    ["{a:decimal}", ["1.5", "-2"], ["1e5", "x"]],
    ["{a:double}", ["1.5", "1e5"], ["e5"]],
    ["{a:float}", ["-0.5"], ["x"]],
    ["{a:guid}", ["0f8fad5b-d9cb-469f-a165-70867728950e", "0F8FAD5BD9CB469FA16570867728950E"], ["0f8fad5b"]],
    ["{a:alpha}", ["Abc"], ["a1"]],
    ["{a:length(3)}", ["abc"], ["ab", "abcd"]],
    ["{a:length(2,3)}", ["ab", "abc"], ["a", "abcd"]],
    ["{a:minlength(2)}", ["ab"], ["a"]],
    ["{a:maxlength(2)}", ["ab"], ["abc"]],
    ["{a:min(5)}", ["5", "99"], ["4", "x"]],
    ["{a:max(5)}", ["5", "-9"], ["6"]],
    ["{a:range(5,7)}", ["5", "7"], ["4", "8"]],
    ["{a:int:min(5)}", ["5"], ["4"]],
    ["{a:required}", ["x"], []],
    [String.raw`{a:regex(^\d{{3}}-[a-z]+$)}`, ["123-ab", "123-AB"], ["12-ab"]],
    ["{a:regex(^(x|y:z)$)}", ["x", "y:z"], ["y"]],
    ["{a:INT}", ["1"], ["x"]],
  ])("%s holds for %j and not for %j", (template, held, refused) => {
    for (const value of held) expect(find([template], `/${value}`)).toMatchObject({ params: { a: value } })
    for (const value of refused) expect(find([template], `/${value}`)).toBe("notFound")
  })

  it.each([
    ["/a", "must not start"],
    ["~/a", "must not start"],
    ["{a", "open brace"],
    ["a}", "nothing opens"],
    ["{a}/{A}", 'the parameter "a" twice'],
    ["{*a}/b", "must be the last segment"],
    ["x{*a}", "must be the last segment"],
    ["{}", "wrong parameter"],
    ["{a:prime}", "is not known"],
    ["a//b", "empty segment"],
  ])("%s is refused: %s", (template, reason) => {
    expect(() => table(template)).toThrow(reason)
  })
})
