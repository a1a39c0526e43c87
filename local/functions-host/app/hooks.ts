export type HookName = "preInvocation" | "postInvocation" | "appStart" | "appTerminate" | "log"
export type HookCallback = (context: object) => unknown
export type Hooks = ReturnType<typeof createHooks>

const names: readonly string[] = ["preInvocation", "postInvocation", "appStart", "appTerminate", "log"]

/** The hooks of one app, run in the order they were registered; one that throws ends the row. */
export function createHooks() {
  const callbacks = new Map<string, HookCallback[]>(names.map((name) => [name, []]))
  /** Shared by all hooks of the app, whatever their kind. */
  const appHookData: Record<string, unknown> = {}
  return {
    appHookData,

    /** Errors: RangeError with `isAzureFunctionsSystemError`, by which the library tells an old host from a wrong name. */
    add(name: string, callback: HookCallback): () => void {
      const row = callbacks.get(name)
      if (row === undefined) {
        throw Object.assign(new RangeError(`Unrecognized hook "${name}"`), { isAzureFunctionsSystemError: true })
      }
      row.push(callback)
      return () => {
        const index = row.indexOf(callback)
        if (index >= 0) row.splice(index, 1)
      }
    },

    has(name: HookName): boolean {
      return (callbacks.get(name)?.length ?? 0) > 0
    },

    async run(name: Exclude<HookName, "log">, context: object): Promise<void> {
      for (const callback of [...(callbacks.get(name) ?? [])]) await callback(context)
    },

    /** Log hooks cannot be waited for: a log call is synchronous. */
    runLog(context: object): void {
      for (const callback of [...(callbacks.get("log") ?? [])]) callback(context)
    },
  }
}
