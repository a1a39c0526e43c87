import { describe, expect, it } from "vitest"
import { renderRunTemplate } from "../../../shared/templates/render-run-template.ts"
import { runVariablesOf } from "../../../shared/templates/run-variables.ts"

const run = runVariablesOf({
  runId: "ca1",
  registryName: "myreg",
  loginServer: "myreg.azurecr.io",
  createdAt: "2010-05-20T13:14:22.987Z",
  platform: { os: "linux", architecture: "amd64" },
  taskName: "mytask",
})

describe("renderRunTemplate", () => {
  it.each([
    ["hello:{{.Run.ID}}", "hello:ca1"],
    ["{{ .Run.Registry }}/x:{{.Run.Date}}", "myreg.azurecr.io/x:20100520-131422z"],
    ["{{.Run.RegistryName}}-{{.Run.OS}}-{{.Run.Architecture}}-{{.Run.TaskName}}", "myreg-linux-amd64-mytask"],
    ["a: {{.Run.ID}}\r\nb: 2\r\n", "a: ca1\r\nb: 2\r\n"],
    ["[{{.Run.Nope}}]", "[]"],
    ["x:{{.Build.ID}}", "x:ca1"],
    ["x: {{- .Run.ID -}} y", "x:ca1y"],
    ["plain } text {", "plain } text {"],
  ])("renders %j", (text, expected) => {
    expect(renderRunTemplate(text, run)).toEqual({ ok: true, text: expected })
  })

  it.each([
    ["{{.Values.x}}", "{{.Values.x}}"],
    ["{{ .Run.ID | upper }}", "| upper"],
    ["{{with .Run}}{{.ID}}{{end}}", "{{with .Run}}"],
    ["{{`{{.Run.ID}}`}}", "not understood"],
    ["{{.Run}}", "{{.Run}}"],
    ["x{{.Run.ID", "never closes"],
    ["{{.Run.Commit}}", "empty"],
  ])("does not pass %j on as text", (text, named) => {
    const result = renderRunTemplate(text, run)

    expect(result.ok).toBe(false)
    expect(result.ok ? "" : result.problem).toContain(named)
  })
})
