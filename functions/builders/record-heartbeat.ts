import { HeartbeatRequest } from "../../shared/builders/builder-messages.ts"
import { recordHeartbeat } from "../../shared/runs/record-heartbeat.ts"
import { builderOperation } from "./builder-operation.ts"

builderOperation("recordHeartbeat", "heartbeat", HeartbeatRequest, ({ app, token, message }) =>
  recordHeartbeat(app, token, message.builderId),
)
