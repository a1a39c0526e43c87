import { z } from "zod"
import { goNames } from "../yaml/go-names.ts"

/** The `alias` section of a task file (task-file 5). */
export const AliasSection = z
  .strictObject({
    values: z
      .record(z.string(), z.string())
      .optional()
      .describe(
        "Names (letters and digits) and what they stand for. They win over those of `src` and the built-in ones.",
      ),
    src: z
      .array(z.string())
      .optional()
      .describe(
        "Files with names and values: paths in the context, or http(s) URLs. A later one wins over an earlier one.",
      ),
    directive: z
      .string()
      .optional()
      .meta({ description: "The one character that marks an alias; no letter or digit.", default: "$" }),
  })
  .describe("Short names (v1.1.0): `$name` is replaced in the whole rest of the file.")

/** What remains of a task file when only its `alias` sections are looked at. */
export const AliasFile = z.strictObject({ alias: AliasSection.optional() })
export type AliasFile = z.infer<typeof AliasFile>
/** A file that `src` names. */
export const AliasValues = z.record(z.string(), z.string())

goNames.add(AliasSection, { name: "graph.Alias" })
goNames.add(AliasFile, { name: "graph.Task" })
