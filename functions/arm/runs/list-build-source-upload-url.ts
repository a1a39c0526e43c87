import { newUploadLocation } from "../../../shared/uploads/upload-location.ts"
import { registryOperation } from "../arm-operation.ts"

registryOperation(
  "listBuildSourceUploadUrl",
  { method: "POST", path: "listBuildSourceUploadUrl", role: "runner", versions: "tasks" },
  ({ app, registry }) => newUploadLocation(app, registry),
)
