import { readFileSync } from "node:fs"
import path from "node:path"
import { describe, expect, test } from "vitest"
import { EXEC_OPTIONS } from "../../cli/exec-options.ts"
import { repositoryRoot } from "../../local/repository-root.ts"
import { STEP_RIGHTS } from "../../shared/builders/run-work.ts"
import { builtInAliases } from "../../shared/task-file/aliases/built-in-aliases.ts"
import { MAX_TASK_FILE_BYTES } from "../../shared/task-file/decode-task-file.ts"
import { taskFileJsonSchema } from "../../shared/task-file/task-file-json-schema.ts"
import { defaultLimits } from "../../shared/templates/budget.ts"
import { builtinFunctions } from "../../shared/templates/library/builtin-functions.ts"
import { sprigFunctions } from "../../shared/templates/library/sprig-functions.ts"

const page = readFileSync(path.join(repositoryRoot(), "docs", "task-files.md"), "utf8")

type Schema = { properties?: Record<string, Schema>; items?: Schema; description?: string; default?: unknown }

/** Every property at any depth, with what its row must say. */
function rowsOf(schema: Schema): [string, string, string][] {
  return Object.entries({ ...schema.properties, ...schema.items?.properties }).flatMap(([name, property]) => [
    [name, property.default === undefined ? "" : `\`${property.default}\``, property.description ?? ""] as const,
    ...rowsOf(property),
  ]) as [string, string, string][]
}

describe("the page about task files", () => {
  test.each(rowsOf(JSON.parse(taskFileJsonSchema()) as Schema))(
    "has a row for %s as the schema has it",
    (name, standard, description) => {
      const rows = page.split("\n").filter((line) => line.startsWith(`| \`${name}\` |`))

      expect(
        rows.some((row) => row.endsWith(`| ${standard} | ${description} |`)),
        rows.join("\n"),
      ).toBe(true)
    },
  )

  test("names every alias that is built in, every function of Go, every right and every option", () => {
    const words = [
      ...[...builtInAliases("linux").keys()].map((name) => `$${name}`),
      ...Object.keys(builtinFunctions),
      ...STEP_RIGHTS,
    ]

    expect(words.filter((word) => !page.includes(`\`${word}\``))).toEqual([])
    const options = Object.keys(EXEC_OPTIONS).filter((name) => !["file", "env", "id", "help"].includes(name))
    expect(options.filter((name) => !page.includes(`--${name}`))).toEqual([])
  })

  test("has the limits of the code", () => {
    expect(page).toContain(`all ${Object.keys(sprigFunctions).length} of sprig`)
    expect(page).toContain(`${MAX_TASK_FILE_BYTES / 1024 / 1024} MiB each`)
    const { maxOutputBytes, maxSteps, timeoutMs } = defaultLimits
    const [output, steps] = [maxOutputBytes, maxSteps].map((number) => number.toLocaleString("en"))
    expect(page).toContain(`${output} characters, ${steps} steps of work, ${timeoutMs / 1000} seconds`)
  })
})
