import { ClaimRequest } from "../../shared/builders/builder-messages.ts"
import { claimRun } from "../../shared/runs/claim-run.ts"
import { builderOperation } from "./builder-operation.ts"

builderOperation("claimSpec", "spec", ClaimRequest, ({ app, token, message }) =>
  claimRun(app, token, message.builderId),
)
