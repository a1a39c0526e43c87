import { dirname } from "node:path"
import { pathToFileURL } from "node:url"
import { createCoreApi, type Registrations } from "./core-api.ts"
import type { AppFunction, ProgrammingModel } from "./core-types.ts"
import { type AppLog, createAppLog } from "./create-app-log.ts"
import { getCapabilities } from "./get-capabilities.ts"
import { createHooks, type Hooks } from "./hooks.ts"
import { provideCoreApi } from "./provide-core-api.ts"

export type LoadedApp = {
  functions: readonly AppFunction[]
  model: ProgrammingModel
  hooks: Hooks
  log: AppLog
  /** Where the library takes HTTP requests when the app has turned streaming on. */
  streamPort: number | undefined
}

/**
 * Imports the app and lets it register its functions. The library keeps its state in modules, so a process loads one app.
 * Errors: what the app threw, or that it registered nothing (a bundle that lacks its `createRequire` banner, for one).
 */
export async function loadApp(input: { bundlePath: string; hostJsonPath: string }): Promise<LoadedApp> {
  const registrations: Registrations = { functions: [], model: undefined, isClosed: false }
  const hooks = createHooks()
  const log = createAppLog(hooks)
  provideCoreApi(createCoreApi(registrations, hooks, log))

  await import(/* @vite-ignore */ pathToFileURL(input.bundlePath).href)

  const { model, functions } = registrations
  if (model === undefined || functions.length === 0) {
    throw new Error(
      `${input.bundlePath} registered no function. A bundle keeps @azure/functions-core external and has a createRequire banner.`,
    )
  }
  await hooks.run("appStart", {
    hookData: {},
    appHookData: hooks.appHookData,
    functionAppDirectory: dirname(input.hostJsonPath),
  })
  registrations.isClosed = true
  const { HttpUri } = await getCapabilities(model)
  return { functions, model, hooks, log, streamPort: HttpUri === undefined ? undefined : Number(new URL(HttpUri).port) }
}
