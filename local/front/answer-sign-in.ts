import type { IncomingMessage, ServerResponse } from "node:http"
import type { SignIn } from "../sign-in/create-sign-in.ts"
import { answerArmError } from "./unavailable-answer.ts"

/** Larger than any sign-in form: a refresh token is about 1 KB. */
const MAX_BODY_BYTES = 65_536

/** Reads the whole form, asks the authority and writes its answer. */
export async function answerSignIn(
  signIn: SignIn,
  request: IncomingMessage,
  response: ServerResponse,
  route: { path: string; query: string },
): Promise<void> {
  const body = await readBody(request)
  if (body === undefined) {
    response.setHeader("connection", "close")
    answerArmError(response, 413, "RequestTooLarge", "A sign-in request has at most 64 KB.")
    return
  }
  const answer = await signIn.answer({
    method: request.method ?? "GET",
    path: route.path,
    query: new URLSearchParams(route.query),
    form: new URLSearchParams(body),
    authorization: request.headers.authorization,
    clientAddress: request.socket.remoteAddress ?? "",
  })
  response.writeHead(answer.status, { ...answer.headers, "content-length": Buffer.byteLength(answer.body) })
  response.end(request.method === "HEAD" ? undefined : answer.body)
}

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    size += (chunk as Buffer).length
    if (size > MAX_BODY_BYTES) return undefined
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks).toString("utf8")
}
