import type { LogLevel } from "../write-log.ts"
import { type AppFunction, type FunctionCallback, FunctionMetadata, type ProgrammingModel } from "./core-types.ts"
import type { AppLog } from "./create-app-log.ts"
import { Disposable } from "./disposable.ts"
import type { HookCallback, Hooks } from "./hooks.ts"

/** Of the 4.x host and worker whose contract this follows: the library only asks whether `log` and hooks are there. */
const hostVersion = "4.1040.0"
const workerVersion = "3.12.0"

export type Registrations = {
  functions: AppFunction[]
  model: ProgrammingModel | undefined
  /** After this, functions and the model are fixed, as in Azure. */
  isClosed: boolean
}

/** The module `@azure/functions-core`, which exists only inside a worker: what `@azure/functions` asks of its host. */
export function createCoreApi(registrations: Registrations, hooks: Hooks, log: AppLog) {
  return {
    version: workerVersion,
    hostVersion,
    Disposable,

    setProgrammingModel(model: ProgrammingModel): void {
      if (registrations.isClosed) throw systemError("A programming model can only be set during app startup.")
      registrations.model = model
    },

    getProgrammingModel(): ProgrammingModel | undefined {
      return registrations.model
    },

    registerFunction(given: unknown, callback: FunctionCallback): Disposable {
      if (registrations.isClosed) throw systemError("A function can only be registered during app startup.")
      const metadata = FunctionMetadata.parse(given)
      const trigger = Object.entries(metadata.bindings).find(([, binding]) => /trigger$/i.test(binding.type))
      if (trigger === undefined) throw systemError(`Function "${metadata.name}" has no trigger.`)
      const twin = registrations.functions.find((other) => sameName(other.name, metadata.name))
      if (twin !== undefined) throw systemError(`A function "${twin.name}" is registered already.`)
      const added = { name: metadata.name, metadata, trigger: { ...trigger[1], name: trigger[0] }, callback }
      registrations.functions.push(added)
      return new Disposable(() => {
        if (registrations.isClosed) throw systemError("A function can only be disposed during app startup.")
        registrations.functions.splice(registrations.functions.indexOf(added), 1)
      })
    },

    registerHook(name: string, callback: HookCallback): Disposable {
      return new Disposable(hooks.add(name, callback))
    },

    log(level: LogLevel, category: "user" | "system", message: string): void {
      log(level, category, message)
    },
  }
}

function systemError(message: string): Error {
  return Object.assign(new Error(message), { isAzureFunctionsSystemError: true })
}

/** Function names are case-insensitive in Azure. */
function sameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}
