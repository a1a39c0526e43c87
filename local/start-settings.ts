import { Settings } from "../shared/config.ts"
import { problemsOf } from "../shared/problems-of.ts"
import { appSettings } from "./app-settings.ts"
import { parseLocalSettings, settingsError } from "./config.ts"
import { LocalSettings } from "./local-settings.ts"
import { makeStackState } from "./make-stack-state.ts"

/**
 * The local stack's settings, after a look at the service's too, which would else come to light when the app has failed to
 * start. Writes nothing. Errors: one that lists every wrong setting of both.
 */
export async function readStartSettings(env: Record<string, string>): Promise<LocalSettings> {
  const local = parseLocalSettings(env)
  // What the stack itself gives is right whatever its ports and keys are: one made up for this look will do.
  const stack = await makeStackState({
    dataFolder: local.settings?.SLIPWAY_DATA ?? "/",
    host: "127.0.0.1",
    frontPort: undefined,
    registryPort: undefined,
  })
  const service = Settings.safeParse(appSettings(stack, local.settings === undefined ? withoutLocal(env) : env))
  const problems = [...(local.problems ?? []), ...(service.success ? [] : problemsOf(service.error))]
  if (local.settings === undefined || problems.length > 0) throw settingsError(problems)
  return local.settings
}

function withoutLocal(env: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !(name in LocalSettings.shape)))
}
