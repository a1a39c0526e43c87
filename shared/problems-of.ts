import type { z } from "zod"

/** Every problem of a failed parse as one line each, `path: what`, for people. Values are never repeated: they may be secrets. */
export function problemsOf(error: z.ZodError): string[] {
  return error.issues.map((issue) => {
    const path = issue.path.map(String).join(".")
    return path === "" ? issue.message : `${path}: ${issue.message}`
  })
}
