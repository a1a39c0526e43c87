import { expect, test } from "vitest"
import { loadAliasFiles } from "../../../../shared/task-file/aliases/load-alias-files.ts"
import type { Findings } from "../../../../shared/task-file/checks/report.ts"

test("a file that cannot be loaded is named without the secrets of its URL", async () => {
  const findings: Findings = { problems: [], warnings: [] }
  const sources = ["https://h.example/a?token=hunter2zzz", "https://user:hunter2/x@h.example/y.yaml", "./own.yaml"]

  await loadAliasFiles(sources, { loadAlias: async () => ({ ok: false, problem: "it is gone." }) }, () => 0, findings)

  expect(findings.problems.map(({ message }) => message)).toEqual([
    "https://h.example/a?***: it is gone.",
    "https://***@h.example/y.yaml: it is gone.",
    "./own.yaml: it is gone.",
  ])
})
