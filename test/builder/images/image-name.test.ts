import { describe, expect, it } from "vitest"
import { targetImageOf } from "../../../builder/images/image-name.ts"
import { renderName } from "../../../builder/images/render-name.ts"
import { runVariablesOf } from "../../../shared/templates/run-variables.ts"

const run = runVariablesOf({
  runId: "ca1",
  registryName: "reg",
  loginServer: "127.0.0.1:5443",
  createdAt: "2026-11-20T13:14:22Z",
  platform: { os: "linux", architecture: "amd64" },
})

describe("targetImageOf", () => {
  it.each([
    ["hello:v1", "127.0.0.1:5443/hello:v1"],
    ["hello", "127.0.0.1:5443/hello:latest"],
    [" team/hello:{{.Run.ID}} ", "127.0.0.1:5443/team/hello:ca1"],
    ['hello:{{.Run.ID | upper | printf "%s-x"}}', "127.0.0.1:5443/hello:CA1-x"],
    ["127.0.0.1:5443/hello:v1", "127.0.0.1:5443/hello:v1"],
    ["{{.Run.Registry}}/hello", "127.0.0.1:5443/hello:latest"],
    ["other.example/hello:v1", "other.example/hello:v1"],
    ["other.example:5000/hello", "other.example:5000/hello:latest"],
    ["localhost/hello:v1", "localhost/hello:v1"],
    ["library/hello:v1", "127.0.0.1:5443/library/hello:v1"],
    ["a__b/c---d:X.y-Z_1", "127.0.0.1:5443/a__b/c---d:X.y-Z_1"],
  ])("reads %j as %j", (name, fullName) => {
    expect(targetImageOf(name, run, renderName)).toMatchObject({ ok: true, image: { fullName } })
  })

  it("keeps the spelling of the run's own login server", () => {
    const named = { ...run, Registry: "MyReg.azurecr.io" }

    expect(targetImageOf("myreg.azurecr.io/a:1", named, renderName)).toMatchObject({
      ok: true,
      image: { registry: "MyReg.azurecr.io" },
    })
  })

  it.each([
    ["Hello:v1", "lowercase"],
    ["hello:", "invalid reference"],
    [":v1", "invalid reference"],
    ["", "invalid reference"],
    ["hello:v1:v2", "invalid reference"],
    ["hello:-v1", "invalid reference"],
    ["hello v1", "invalid reference"],
    ["../hello", "invalid reference"],
    [`x:${"t".repeat(129)}`, "invalid reference"],
    [`hello@sha256:${"a".repeat(64)}`, "digest"],
    ["hello:{{.Values.x}}", "invalid reference"],
    ["hello:{{nope}}", 'function "nope" not defined'],
    ["hello:{{.Run.ID", "unclosed action"],
    ["-f.example/--privileged", "invalid reference"],
  ])("refuses %j", (name, why) => {
    const result = targetImageOf(name, run, renderName)

    expect(result.ok ? "" : result.problem).toContain(why)
  })
})
