import { z } from "zod"
import { TaskFile } from "./task-file-schema.ts"

/** The shape of a task file for editors: the text of a JSON Schema (draft 7, which all of them know), made of `TaskFile`. */
export function taskFileJsonSchema(): string {
  const { $schema, ...schema } = z.toJSONSchema(TaskFile, { target: "draft-7", io: "input" })
  const document = { $schema, title: "Azure Container Registry Tasks: task file", ...schema }
  // Short lists on one line, as the formatter has them.
  const text = JSON.stringify(document, null, 2).replace(
    /\[\s+("[^[\]{}]*")\s+\]/g,
    (_, list: string) => `[${list.replace(/\s+/g, " ")}]`,
  )
  return `${text}\n`
}
