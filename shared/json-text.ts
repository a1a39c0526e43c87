import { z } from "zod"

/** A setting that is JSON: parsed, then held against a schema of its own with `.pipe`. */
export const JsonText = z.string().transform((text, context) => {
  try {
    return JSON.parse(text) as unknown
  } catch {
    context.addIssue({ code: "custom", message: "not valid JSON" })
    return z.NEVER
  }
})
