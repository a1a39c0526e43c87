import path from "node:path"
import type { z } from "zod"
import { problemsOf } from "../shared/problems-of.ts"
import { LocalSettings } from "./local-settings.ts"

const CLEAN_NAMES = new Set(["PATH", "HOME", "LANG", "TZ", "XDG_RUNTIME_DIR", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"])

/**
 * The configuration that the supervisor gave this part, JSON in `SLIPWAY_PART` (an environment is private to its user, an
 * argument list is not). Errors: one that lists everything wrong with it.
 */
export function readPartConfig<Schema extends z.ZodType>(schema: Schema): z.infer<Schema> {
  const text = process.env.SLIPWAY_PART
  if (text === undefined) throw new Error("SLIPWAY_PART is not set: this part is started by the supervisor (npm start)")
  delete process.env.SLIPWAY_PART
  const result = schema.safeParse(JSON.parse(text))
  if (!result.success) throw new Error(`SLIPWAY_PART is wrong: ${problemsOf(result.error).join("; ")}`)
  return result.data
}

/** Parses the local stack's settings. Errors: one that lists every wrong setting, so that one look mends them all. */
export function readLocalSettings(env: Record<string, string | undefined> = process.env): LocalSettings {
  const { settings, problems } = parseLocalSettings(env)
  if (settings === undefined) throw settingsError(problems)
  return settings
}

type ParsedSettings = { settings: LocalSettings; problems?: never } | { settings?: never; problems: string[] }

/** The same for a caller that has more to report than these. */
export function parseLocalSettings(env: Record<string, string | undefined>): ParsedSettings {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ""))
  const result = LocalSettings.safeParse(given)
  if (!result.success) return { problems: problemsOf(result.error) }
  return { settings: { ...result.data, SLIPWAY_DATA: path.resolve(result.data.SLIPWAY_DATA) } }
}

export function settingsError(problems: string[]): Error {
  return new Error(`The settings are not usable:\n  ${problems.join("\n  ")}\nSee the settings table in README.md.`)
}

/** The environment as it is: service settings in it win over the stack's own (`appSettings`). */
export function readEnvironment(): Record<string, string> {
  return Object.fromEntries(Object.entries(process.env).filter((entry): entry is [string, string] => !!entry[1]))
}

/** What every child starts with: where programs are, whose home it is, and the way through a proxy. No secret of the caller's. */
export function readCleanEnvironment(): Record<string, string> {
  return Object.fromEntries(Object.entries(readEnvironment()).filter(([name]) => CLEAN_NAMES.has(name.toUpperCase())))
}

/** App settings are the environment of a function app: the functions host sets them before it loads the app. */
export function setAppSettings(appSettings: Record<string, string>): void {
  Object.assign(process.env, appSettings)
}
