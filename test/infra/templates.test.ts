import { expect, test } from "vitest"
import { checkTemplates } from "./check-templates.ts"
import { readInfra } from "./read-template.ts"

test("the templates have no fault that can be found without a Bicep compiler", () => {
  const templates = readInfra(".bicep")
  const parameters = readInfra(".bicepparam")

  const problems = checkTemplates(templates, parameters)

  expect(Object.keys(templates)).toContain("modules/function-app.bicep")
  expect(Object.keys(parameters)).toEqual(["main.bicepparam"])
  expect(problems).toEqual([])
})
