import { readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"
import { z } from "zod"
import { readValues } from "../../../shared/templates/read-values.ts"
import { renderTemplate } from "../../../shared/templates/render-template.ts"

// What Go itself makes of these, made once with the versions that `generated_from` names.
const Data = z.object({
  values_yaml: z.string(),
  templates: z.array(
    z.object({
      template: z.string(),
      output: z.string().optional(),
      phase: z.string().optional(),
      error: z.string().optional(),
    }),
  ),
  values_template: z.string(),
  values: z.array(z.object({ yaml: z.string(), output: z.string().optional(), error: z.boolean().optional() })),
})
const data = Data.parse(
  JSON.parse(readFileSync(new URL("../../data/templates/go-results.json", import.meta.url), "utf8")),
)
const options = { now: () => new Date(), environment: { ACB_TEST_ENV: "envval" } }

describe("a template", () => {
  test.each(data.templates)("renders as in Go: $template", ({ template, output, phase, error }) => {
    const values = readValues(data.values_yaml)
    if (!values.ok) throw new Error(values.problem.message)

    const result = renderTemplate(template, rootsWith(values.values), options)

    if (output !== undefined) expect(result).toMatchObject({ ok: true, rendered: { text: output } })
    else expect(result).toMatchObject({ ok: false, problem: { message: `failed to ${phase} template: ${error}` } })
  })
})

describe("a values file", () => {
  test.each(data.values)("is read as by yaml.v2: $yaml", ({ yaml, output }) => {
    const read = readValues(yaml)

    const result = read.ok ? renderTemplate(data.values_template, rootsWith(read.values), options) : read

    if (output === undefined) expect(result.ok).toBe(false)
    else expect(result).toMatchObject({ ok: true, rendered: { text: output } })
  })
})

function rootsWith(values: unknown) {
  const run = { ID: "ca1", Registry: "myreg.azurecr.io", Commit: "ABCDEF0" }
  return { Run: run, Values: values, Secrets: {}, Build: { ID: "ca1" } }
}
