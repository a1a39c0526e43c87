import { SecretRequest } from "../../shared/builders/builder-messages.ts"
import { readRunSecret } from "../../shared/runs/read-run-secret.ts"
import { builderOperation } from "./builder-operation.ts"

builderOperation("readSecret", "secrets", SecretRequest, async ({ app, token, message, note }) => {
  const answer = await readRunSecret(app, token, message)
  note({ secretType: message.location.type, isRead: answer.ok })
  return answer
})
