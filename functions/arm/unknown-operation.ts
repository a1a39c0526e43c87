import { app as functions } from "@azure/functions"
import { toArmError } from "../../shared/arm/arm-error.ts"
import { AppError } from "../../shared/errors.ts"

// The least specific route of all: a path that no operation has gets ARM's error body, not the host's empty 404.
functions.http("unknownOperation", {
  methods: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
  authLevel: "anonymous",
  route: "{*path}",
  handler: async (request) => {
    const path = new URL(request.url).pathname
    const message = `The resource type or operation '${request.method} ${path}' is not provided by this version.`
    const { status, body, headers } = toArmError(new AppError("InvalidResourceType", message))
    return { status, headers, jsonBody: body }
  },
})
