import { randomUUID } from "node:crypto"
import { errorText, type LogLevel, writeLog } from "../write-log.ts"
import type { AppFunction, CoreInvocationContext, InvocationRequest, InvocationResponse } from "./core-types.ts"
import type { LoadedApp } from "./load-app.ts"
import { withinTime } from "./within-time.ts"

export type Invocation = Omit<InvocationRequest, "invocationId"> & { invocationId?: string }
/** Runs one function once. Errors: what the function or a hook threw, logged already, or that it took too long. */
export type Invoke = (fn: AppFunction, invocation: Invocation) => Promise<InvocationResponse>

/** `running` counts what a stop has to wait for. A function past `timeoutMs` has failed; its code cannot be stopped. */
export function createInvoke(app: LoadedApp, timeoutMs: number, running: Set<Promise<unknown>>): Invoke {
  return async (fn, invocation) => {
    const invocationId = invocation.invocationId ?? randomUUID()
    const work = runInvocation(app, fn, { ...invocation, invocationId })
    running.add(work)
    const forget = () => running.delete(work)
    work.then(forget, forget)
    try {
      return await withinTime(work, timeoutMs, `Timeout value of ${timeoutMs / 1000} s exceeded by function ${fn.name}`)
    } catch (error) {
      writeLog("error", "host", "invocation failed", { function: fn.name, invocationId, error: errorText(error) })
      throw error
    }
  }
}

/** The order of Azure/azure-functions-nodejs-worker, `InvocationHandler.ts`. */
async function runInvocation(app: LoadedApp, fn: AppFunction, request: InvocationRequest): Promise<InvocationResponse> {
  const { hooks } = app
  const fields = { function: fn.name, invocationId: request.invocationId }
  let invocationContext: unknown
  const core: CoreInvocationContext = {
    invocationId: request.invocationId,
    request,
    metadata: fn.metadata,
    log: (level, category, message) =>
      app.log(level as LogLevel, category as "user" | "system", message, fields, invocationContext),
  }
  const model = app.model.getInvocationModel(core)
  const { context, inputs } = await model.getArguments()
  invocationContext = context
  const shared = { hookData: {}, appHookData: hooks.appHookData, invocationContext: context }

  const before = { ...shared, inputs, functionCallback: fn.callback }
  core.state = "preInvocationHooks"
  await hooks.run("preInvocation", before)

  const after: typeof shared & { inputs: unknown[]; result: unknown; error: unknown } = {
    ...shared,
    inputs: before.inputs,
    result: null,
    error: null,
  }
  core.state = "invocation"
  try {
    after.result = await model.invokeFunction(context, before.inputs, before.functionCallback)
  } catch (error) {
    after.error = error ?? new Error("Unknown error")
  }

  core.state = "postInvocationHooks"
  await hooks.run("postInvocation", after)
  core.state = undefined
  if (after.error !== null && after.error !== undefined) throw after.error
  return model.getResponse(context, after.result)
}
