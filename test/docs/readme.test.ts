import { existsSync, readdirSync, readFileSync } from "node:fs"
import path from "node:path"
import { describe, expect, it } from "vitest"
import { repositoryRoot } from "../../local/repository-root.ts"
import { withSettingsTable } from "../../scripts/settings-table.ts"

const root = repositoryRoot()
const read = (name: string) => readFileSync(path.join(root, name), "utf8")
const pages = [
  "README.md",
  "SECURITY.md",
  "CHANGELOG.md",
  ...readdirSync(path.join(root, "docs")).map((name) => `docs/${name}`),
]

describe("the README", () => {
  it("has every setting, as the schemas have it (npm run docs:settings makes it so)", () => {
    expect(withSettingsTable(read("README.md"))).toBe(read("README.md"))
  })

  it.each(pages.filter((name) => name.endsWith(".md")))("and its pages link to files that exist: %s", (page) => {
    const links = [...read(page).matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, target]) =>
      path.join(path.dirname(page), target ?? ""),
    )

    expect(links.filter((link) => !existsSync(path.join(root, link)))).toEqual([])
  })

  it("names scripts that package.json has", () => {
    const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> }
    const named = [...read("README.md").matchAll(/npm run (?:-s )?([a-z][\w:-]*)/g)].map(([, name]) => name ?? "")

    expect(named.filter((name) => scripts[name] === undefined)).toEqual([])
  })
})
