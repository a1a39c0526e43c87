import { BuilderEvent } from "../../shared/builders/builder-messages.ts"
import { recordRunEvent } from "../../shared/runs/record-run-event.ts"
import { builderOperation } from "./builder-operation.ts"

builderOperation("recordEvent", "events", BuilderEvent, async ({ app, token, message, note }) => {
  note({ event: message.type, seq: message.seq })
  const { run, isApplied } = await recordRunEvent(app, token, message)
  note({
    runStatus: run.status,
    isApplied,
    ...(run.runErrorMessage === undefined ? {} : { cause: run.runErrorMessage }),
  })
  return undefined
})
