import { readFileSync } from "node:fs"
import { expect, test } from "vitest"
import { z } from "zod"
import { taskFileJsonSchema } from "../../../shared/task-file/task-file-json-schema.ts"

const committed = readFileSync(new URL("../../../docs/task-file.schema.json", import.meta.url), "utf8")
const Property = z.looseObject({ description: z.string().optional(), type: z.string().optional() })
const Document = z.looseObject({ properties: z.record(z.string(), Property) })

test("the schema in docs is the one that the reader has (node scripts/task-file-schema.ts writes it)", () => {
  expect(committed).toBe(taskFileJsonSchema())
})

test("every property says what it is", () => {
  const undescribed: string[] = []
  const visit = (node: unknown, path: string) => {
    if (typeof node !== "object" || node === null) return
    const { properties } = Document.safeParse(node).data ?? {}
    for (const [name, property] of Object.entries(properties ?? {})) {
      if (property.description === undefined) undescribed.push(`${path}/${name}`)
    }
    for (const [key, value] of Object.entries(node)) visit(value, `${path}/${key}`)
  }

  visit(JSON.parse(committed), "")

  expect(undescribed).toEqual([])
})

test("a step is exactly one of cmd, build and push, with defaults and closed lists of values", () => {
  const { properties } = Document.parse(JSON.parse(committed))

  expect(properties).toMatchObject({
    version: { enum: ["1.0-preview-1", "v1.0.0", "v1.1.0"], default: "v1.0.0" },
    stepTimeout: { type: "integer", default: 600 },
    steps: {
      items: {
        oneOf: [{ required: ["cmd"] }, { required: ["build"] }, { required: ["push"] }],
        properties: {
          retryDelay: { default: 5 },
          cache: { enum: ["enabled", "disabled"] },
          detach: { type: "boolean", default: false },
        },
      },
    },
  })
})
