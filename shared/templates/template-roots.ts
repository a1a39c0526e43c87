import { createBudget, defaultLimits } from "./budget.ts"
import { goJson } from "./library/go-json.ts"
import { shellQuote } from "./shell-quote.ts"
import { GoMap, type GoValue } from "./values/go-value.ts"
import { toGoValue } from "./values/to-go-value.ts"

/** What a task file's templates can name. `values` come from `readValues`, `readSetValues` and `mergeValues`. */
export type TemplateInput = {
  run: Readonly<Record<string, string>>
  values: GoMap
  /** Values of the task's secrets by their ids; empty in the first of the two renderings. */
  secrets: Readonly<Record<string, string>>
}

/**
 * The roots of a task file's templates (task-file 4): `.Run` and `.Values` as they are given, `.Secrets`, `.Build.ID`, and
 * `.RunJSON` and `.ValuesJSON` as one shell word each. Values that JSON cannot hold (not a number) make an empty word.
 */
export function templateRoots({ run, values, secrets }: TemplateInput): Record<string, unknown> {
  const runMap = toGoValue(run)
  return {
    Build: { ID: run.ID ?? "" },
    Run: runMap,
    RunJSON: jsonWord(runMap),
    Secrets: new GoMap("templating.Values", new Map(Object.entries(secrets))),
    Values: values,
    ValuesJSON: jsonWord(values),
  }
}

function jsonWord(value: GoValue): string {
  return shellQuote(goJson(createBudget({ ...defaultLimits, maxOutputBytes: Number.MAX_SAFE_INTEGER }), value) ?? "")
}
