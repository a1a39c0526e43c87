import { app as functions } from "@azure/functions"
import { app } from "../../shared/app.ts"
import { toArmError } from "../../shared/arm/arm-error.ts"
import { readPushNotification } from "../../shared/registry/push-notification.ts"

// Pushes are received, checked and noted in the service log; matching them to base images comes with base-image triggers.
functions.http("registryPush", {
  methods: ["POST"],
  authLevel: "anonymous",
  route: "webhooks/registry",
  handler: async (request) => {
    const { log, settings } = app()
    try {
      const body: unknown = await request.json().catch(() => undefined)
      const token = settings.SLIPWAY_REGISTRY_EVENTS_TOKEN
      for (const image of readPushNotification(request.headers.get("authorization"), token, body)) {
        log.info("registry push", { op: "registryPush", ...image })
      }
      return { status: 200 }
    } catch (error) {
      const failure = toArmError(error)
      log.info("registry push", { op: "registryPush", status: failure.status, error })
      return { status: failure.status, headers: failure.headers, jsonBody: failure.body }
    }
  },
})
