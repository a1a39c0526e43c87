import type { z } from "zod"
import { AppError } from "../errors.ts"

/** A request that names the field at fault. */
export function invalidContent(target: string, message: string): AppError {
  return new AppError("InvalidRequestContent", message, { target })
}

/** Errors: `InvalidRequestContent` that names every field at fault. */
export function parseContent<Schema extends z.ZodType>(schema: Schema, content: unknown): z.infer<Schema> {
  const result = schema.safeParse(content)
  if (result.success) return result.data
  const details = result.error.issues.map((issue) => ({
    code: "InvalidRequestContent",
    message: issue.message,
    target: issue.path.map(String).join(".") || "body",
  }))
  const list = details.map(({ target, message }) => `${target}: ${message}`).join("; ")
  throw new AppError("InvalidRequestContent", `The request content was invalid: ${list}.`, {
    target: details[0]?.target,
    details,
  })
}
