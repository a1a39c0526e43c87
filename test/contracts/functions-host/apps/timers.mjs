// @ts-nocheck plain JavaScript, as an app may be
import { app } from "@azure/functions"

let running = 0
const say = (name) => async (timer, context) => {
  running += 1
  context.log(JSON.stringify({ name, running, timer, retry: context.retryContext }))
  try {
    if (name === "slow") await new Promise((resolve) => setTimeout(resolve, 1_500))
    if (name === "failing" && (context.retryContext?.retryCount ?? 0) < 2) throw new Error("not yet")
  } finally {
    running -= 1
  }
}

for (const [name, options] of Object.entries(JSON.parse(process.env.TIMERS))) {
  app.timer(name, { ...options, handler: say(name) })
}
app.http("alive", { authLevel: "anonymous", handler: () => ({ status: 204 }) })
