// Writes the README's table of settings from the schemas: `npm run docs:settings`; a test holds the two equal.
import { readFileSync, writeFileSync } from "node:fs"
import path from "node:path"
import { fileURLToPath } from "node:url"
import type { z } from "zod"
import { LocalSettings } from "../local/local-settings.ts"
import { Settings } from "../shared/config.ts"

const README = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../README.md")
const MARKS = ["<!-- settings: made by npm run docs:settings -->", "<!-- /settings -->"] as const

/** The README with its table made anew. */
export function withSettingsTable(readme: string): string {
  const [before, rest] = readme.split(MARKS[0])
  const after = rest?.split(MARKS[1])[1]
  if (before === undefined || after === undefined) throw new Error("README.md has no place for the settings table")
  const table = (title: string, shape: Record<string, z.ZodType>) =>
    [`**${title}**`, "", "| setting | default | what |", "|---|---|---|", ...Object.entries(shape).map(row)].join("\n")
  const text = [table("Local stack", LocalSettings.shape), "", table("Service", Settings.shape)].join("\n")
  return `${before}${MARKS[0]}\n${text}\n${MARKS[1]}${after}`
}

/** Defaults that depend on the machine, in words. */
const COMPUTED: Record<string, string> = { SLIPWAY_MAX_BUILDERS: "2 × cores" }

function row([name, schema]: [string, z.ZodType]): string {
  const fallback = COMPUTED[name] ?? standardOf(schema)
  return `| \`${name}\` | ${fallback} | ${(schema.description ?? "").replaceAll("|", "\\|")} |`
}

function standardOf(schema: z.ZodType): string {
  const absent = schema.safeParse(undefined)
  if (!absent.success) return "**required**"
  const text = typeof absent.data === "object" ? JSON.stringify(absent.data) : String(absent.data)
  return absent.data === undefined ? "none" : `\`${text}\``
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(README, withSettingsTable(readFileSync(README, "utf8")))
}
