import { existsSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

/** The part of JSON Schema that the files in test/data/azure-types use (see the README there). */
export type Schema = {
  type?: string
  $ref?: string
  allOf?: Schema[]
  oneOf?: Schema[]
  "x-discriminator"?: string
  "x-known-values"?: unknown[]
  properties?: Record<string, Schema>
  additionalProperties?: boolean | Schema
  required?: string[]
  items?: Schema
  enum?: unknown[]
  const?: unknown
  readOnly?: boolean
  pattern?: string
  minLength?: number
  maxLength?: number
  minimum?: number
  maximum?: number
  $defs?: Record<string, Schema>
}

/** Finds the schema of a resource type, with its references followed one step at a time by {@link resolve}. */
export type ResourceType = { root: Schema; resolve(schema: Schema): Schema }

/** The folder of the type files. */
export const SCHEMAS = fileURLToPath(new URL("../data/azure-types/", import.meta.url))

/** `Microsoft.Web/sites@2024-11-01` → the file that describes it. */
export function schemaFile(typeAndVersion: string): string {
  return `${typeAndVersion.replaceAll("/", ".").toLowerCase()}.json`
}

/** The schema of `type@version`; undefined when it is not listed. */
export function resourceType(typeAndVersion: string): ResourceType | undefined {
  const path = SCHEMAS + schemaFile(typeAndVersion)
  if (!existsSync(path)) return undefined
  const root = JSON.parse(readFileSync(path, "utf8")) as Schema
  const resolve = (schema: Schema): Schema => {
    if (schema.$ref !== undefined) return resolve(root.$defs?.[schema.$ref.split("/").at(-1) ?? ""] ?? {})
    const [only] = schema.allOf ?? []
    return only === undefined ? schema : resolve(only)
  }
  return { root: resolve(root), resolve }
}
