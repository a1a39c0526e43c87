import { readdirSync, readFileSync } from "node:fs"
import path from "node:path"
import { expect, test } from "vitest"
import { repositoryRoot } from "../../local/repository-root.ts"

const RUNNERS = path.join(repositoryRoot(), "test", "conformance")
const page = readFileSync(path.join(repositoryRoot(), "docs", "compatibility.md"), "utf8")

/** Every rule that a conformance runner exports: lists of `{ rule, … }`, and records of rules by name. */
async function ruleNames(file: string): Promise<string[]> {
  const exported = (await import(path.join(RUNNERS, file))) as Record<string, unknown>
  return Object.entries(exported).flatMap(([name, value]) => {
    if (!/Rules$/.test(name)) return []
    return Array.isArray(value) ? value.map(({ rule }: { rule: string }) => rule) : Object.keys(value as object)
  })
}

test.each(readdirSync(RUNNERS).filter((name) => /^run-.*-case\.ts$/.test(name)))(
  "the differences that %s allows stand in docs/compatibility.md, by name",
  async (file) => {
    const names = await ruleNames(file)

    expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([])
  },
)
