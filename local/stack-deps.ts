import { existsSync } from "node:fs"
import path from "node:path"
import { appSettings } from "./app-settings.ts"
import { createEnginePart } from "./engine/engine-part.ts"
import { createFrontPart } from "./front/front-part.ts"
import { createFunctionsHostPart } from "./functions-host/functions-host-part.ts"
import { repositoryRoot } from "./repository-root.ts"
import type { StackDeps } from "./run-stack.ts"
import { createServiceBusPart } from "./service-bus/service-bus-part.ts"
import type { StackState } from "./stack-state.ts"
import { createStoragePart } from "./storage/storage-part.ts"
import type { Part } from "./supervisor/part.ts"

/** What the local stack consists of. */
export const stackDeps: Pick<StackDeps, "createParts" | "chooseEngine" | "builderCommand"> = {
  createParts,
  chooseEngine: async () => undefined,
  builderCommand: () => ({ command: process.execPath, args: [bundle("builder.mjs")] }),
}

/** All of them start at once, but for the app: its first look at a queue or a table would fail, and be logged. */
async function createParts(stack: StackState, env: Record<string, string>): Promise<Part[]> {
  const host = createFunctionsHostPart(stack, {
    bundlePath: bundle("functions.mjs"),
    hostJsonPath: path.join(repositoryRoot(), "host.json"),
    appSettings: appSettings(stack, env),
  })
  const parts = [
    createStoragePart(stack),
    createServiceBusPart(stack),
    createFrontPart(stack),
    await createEnginePart(stack),
    { after: ["storage", "service-bus"], ...host },
  ]
  return parts.filter((part) => part !== undefined)
}

function bundle(name: string): string {
  const file = path.join(repositoryRoot(), "dist", name)
  if (!existsSync(file)) throw new Error(`${file} is missing: npm run build makes it`)
  return file
}
