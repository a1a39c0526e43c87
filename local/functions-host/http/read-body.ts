import type { IncomingMessage } from "node:http"

/**
 * The body as the host buffers it: only what a Content-Length announces. A chunked upload arrives empty, in Azure too
 * (`request.ContentLength > 0` in GrpcMessageConversionExtensions.cs). "tooLarge" above the limit: answer 413.
 */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | undefined | "tooLarge"> {
  const length = Number(request.headers["content-length"] ?? 0)
  if (length > maxBytes) {
    // Read to its end: a client that is still writing would see a broken connection instead of the answer.
    for await (const _ of request);
    return "tooLarge"
  }
  if (length === 0) {
    request.resume()
    return undefined
  }
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)
}
