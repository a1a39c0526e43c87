import { readdirSync } from "node:fs"
import { expect, test } from "vitest"
import { checkTemplates } from "./check-templates.ts"
import { declared, readInfra, readTemplates } from "./read-template.ts"
import { SCHEMAS, schemaFile } from "./type-schema.ts"

test("the templates have no fault that can be found without a Bicep compiler", () => {
  const templates = readInfra(".bicep")
  const parameters = readInfra(".bicepparam")

  const problems = checkTemplates(templates, parameters)

  expect(Object.keys(templates)).toContain("modules/function-app.bicep")
  expect(Object.keys(parameters)).toEqual(["main.bicepparam"])
  expect(problems).toEqual([])
})

test("the resource types that come along are those in use", () => {
  const used = [...readTemplates(readInfra(".bicep")).values()]
    .flatMap((template) => declared(template, "resource"))
    .map(({ type }) => schemaFile(type))

  const files = readdirSync(SCHEMAS).filter((file) => file.endsWith(".json"))

  expect(files.sort()).toEqual([...new Set(used)].sort())
})
