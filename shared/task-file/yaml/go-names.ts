import { z } from "zod"

/** What acb calls an object of the schema, for its words in messages. */
export const goNames = z.registry<{ name: string }>()

/** What acb would call the type: `int`, `[]string`, `[]*graph.Step`, `map[string]string`. */
export function goTypeOf(schema: z.core.$ZodType): string {
  const plain = withoutWrapping(schema)
  if (plain instanceof z.ZodArray)
    return `[]${plain.element instanceof z.ZodObject ? "*" : ""}${goTypeOf(plain.element)}`
  if (plain instanceof z.ZodRecord) return `map[string]${goTypeOf(plain.valueType)}`
  if (plain instanceof z.ZodNumber) return "int"
  if (plain instanceof z.ZodBoolean) return "bool"
  return goNames.get(plain)?.name ?? "string"
}

/** The schema without `optional`. */
export function withoutWrapping(schema: z.core.$ZodType): z.core.$ZodType {
  return schema instanceof z.ZodOptional ? withoutWrapping(schema.unwrap()) : schema
}
