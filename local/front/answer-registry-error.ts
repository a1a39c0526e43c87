import type { ServerResponse } from "node:http"

/** The registry's error body (OCI distribution specification, "Error Codes"). */
export function answerRegistryError(response: ServerResponse, status: number, code: string, message: string): void {
  const body = JSON.stringify({ errors: [{ code, message }] })
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(body) })
  response.end(response.req.method === "HEAD" ? undefined : body)
}
