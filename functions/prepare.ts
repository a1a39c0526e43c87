import { setTimeout as wait } from "node:timers/promises"
import { app as functions } from "@azure/functions"
import { app } from "../shared/app.ts"

const FIRST_WAIT_MS = 50
const LONGEST_WAIT_MS = 2_000

// HTTP bodies are buffered: streaming in the Functions library answers nothing when a handler throws (its issues 294, 324).
functions.setup({ enableHttpStream: false })

functions.hook.appStart(async () => {
  const slipway = app()
  for (let delay = FIRST_WAIT_MS; ; delay = Math.min(delay * 2, LONGEST_WAIT_MS)) {
    try {
      await slipway.prepare()
      return
    } catch (error) {
      slipway.log.warn("storage or queue are not there yet", { op: "prepare", error })
      await wait(delay)
    }
  }
})
