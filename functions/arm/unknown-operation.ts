import { AppError } from "../../shared/errors.ts"
import { armOperation } from "./arm-operation.ts"

// The least specific route of all: a path that no operation has gets ARM's error body, not the host's empty 404.
armOperation(
  "unknownOperation",
  {
    method: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
    route: "{*path}",
    role: "anyone",
    versions: "none",
  },
  async ({ method, url }) => {
    const message = `The resource type or operation '${method} ${url.pathname}' is not provided by this version.`
    throw new AppError("InvalidResourceType", message)
  },
)
