import { existsSync } from "node:fs"
import path from "node:path"
import { appSettings } from "./app-settings.ts"
import { chooseEngine, type EngineWish, isPrivateEngineWanted } from "./engine/engine-choice.ts"
import { createEnginePart } from "./engine/engine-part.ts"
import { createFrontPart } from "./front/front-part.ts"
import { createFunctionsHostPart } from "./functions-host/functions-host-part.ts"
import type { LocalSettings } from "./local-settings.ts"
import { createRegistryPart } from "./registry/registry-part.ts"
import { repositoryRoot } from "./repository-root.ts"
import type { StackDeps } from "./run-stack.ts"
import { createServiceBusPart } from "./service-bus/service-bus-part.ts"
import type { StackState } from "./stack-state.ts"
import { createStoragePart } from "./storage/storage-part.ts"
import type { Part } from "./supervisor/part.ts"

/** What the local stack consists of. */
export const stackDeps: Pick<StackDeps, "createParts" | "chooseEngine" | "builderCommand"> = {
  createParts,
  chooseEngine: (stack, settings, env, signal) => chooseEngine(stack, engineWish(settings, env), signal),
  builderCommand: () => ({ command: process.execPath, args: [bundle("builder.mjs")] }),
}

/** All of them start at once, but for the app: its first look at a queue or a table would fail, and be logged. */
async function createParts(stack: StackState, settings: LocalSettings, env: Record<string, string>): Promise<Part[]> {
  const host = createFunctionsHostPart(stack, {
    bundlePath: bundle("functions.mjs"),
    hostJsonPath: path.join(repositoryRoot(), "host.json"),
    appSettings: appSettings(stack, env),
  })
  const parts = [
    createStoragePart(stack),
    createServiceBusPart(stack),
    createFrontPart(stack),
    await createRegistryPart(stack),
    await privateEngine(stack, settings, env),
    { after: ["storage", "service-bus"], ...host },
  ]
  return parts.filter((part) => part !== undefined)
}

/** Asks first whether one is unpacked: to see whether the machine's own answers takes a container's whole life. */
async function privateEngine(stack: StackState, settings: LocalSettings, env: Record<string, string>) {
  const part = await createEnginePart(stack)
  return part !== undefined && (await isPrivateEngineWanted(stack, engineWish(settings, env))) ? part : undefined
}

function engineWish({ SLIPWAY_ENGINE_KIND: kind }: LocalSettings, environment: Record<string, string>): EngineWish {
  return { kind, environment }
}

function bundle(name: string): string {
  const file = path.join(repositoryRoot(), "dist", name)
  if (!existsSync(file)) throw new Error(`${file} is missing: npm run build makes it`)
  return file
}
