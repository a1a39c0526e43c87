import type { ServerResponse } from "node:http"

/** What a client is told when the part behind the front stays away: try again in a second, in the words of its protocol. */
export function answerUnavailable(response: ServerResponse, kind: "app" | "blob" | "registry"): void {
  if (kind === "blob") {
    const message = "The blob store is starting again."
    const xml = `<?xml version="1.0" encoding="utf-8"?><Error><Code>ServerBusy</Code><Message>${message}</Message></Error>`
    send(response, 503, "application/xml", xml, { "retry-after": "1", "x-ms-error-code": "ServerBusy" })
    return
  }
  if (kind === "registry") {
    const body = { errors: [{ code: "UNAVAILABLE", message: "The registry is starting again." }] }
    send(response, 503, "application/json", JSON.stringify(body), { "retry-after": "1" })
    return
  }
  const message = "The service is starting again. Try again in a second; npm run -s status shows the parts."
  answerArmError(response, 503, "ServiceUnavailable", message, { "retry-after": "1" })
}

/** ARM's error body (arm-contract.md 7). */
export function answerArmError(
  response: ServerResponse,
  status: number,
  code: string,
  message: string,
  headers: Record<string, string> = {},
): void {
  const body = JSON.stringify({ error: { code, message } })
  send(response, status, "application/json; charset=utf-8", body, { "x-ms-error-code": code, ...headers })
}

function send(
  response: ServerResponse,
  status: number,
  type: string,
  body: string,
  headers: Record<string, string>,
): void {
  if (response.headersSent || response.destroyed) {
    response.destroy()
    return
  }
  response.writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(body), ...headers })
  response.end(response.req.method === "HEAD" ? undefined : body)
}
