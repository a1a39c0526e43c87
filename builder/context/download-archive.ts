import type { IncomingMessage } from "node:http"
import { type SourceSecrets, withSecretQuery } from "../../shared/contexts/take-secrets.ts"
import { type BackOff, backOffMs, pause } from "../retry.ts"
import { ContextError } from "./context-error.ts"
import type { NetworkRules } from "./guarded-connect.ts"
import { guardedGet } from "./guarded-request.ts"

const MAX_RETRIES = 3

export type DownloadDeps = {
  rules: NetworkRules
  backOff: BackOff
  /** No archive is larger, packed. */
  maxBytes: number
  ca?: string | undefined
  signal: AbortSignal
}

/**
 * The bytes of an archive at a URL of the user's. Up to three retries of broken connections and 5xx, which go on where it broke
 * while the server vouches by a strong ETag that it is the same file. Errors: ContextError, with what to mend; the signal's reason.
 */
export async function* downloadArchive(
  url: string,
  secrets: SourceSecrets,
  deps: DownloadDeps,
): AsyncGenerator<Uint8Array> {
  const start = new URL(withSecretQuery(url, secrets))
  let position = 0
  let etag: string | undefined
  for (let retries = 0; ; retries += 1) {
    try {
      const answer = await open(start, { position, etag }, secrets, deps)
      etag ??= strongTag(answer)
      let skip = answer.statusCode === 206 ? 0 : position
      for await (const chunk of answer as AsyncIterable<Buffer>) {
        const fresh = chunk.subarray(Math.min(skip, chunk.length))
        skip -= chunk.length - fresh.length
        position += fresh.length
        if (position > deps.maxBytes) throw tooLarge(deps.maxBytes)
        if (fresh.length > 0) yield fresh
      }
      return
    } catch (error) {
      deps.signal.throwIfAborted()
      if (error instanceof ContextError) throw error
      const why = error instanceof Error ? error.message || String((error as { code?: unknown }).code ?? "") : ""
      if (retries === MAX_RETRIES) throw failed(`${start.host} cannot be reached: ${why}.`, error)
      if (position > 0 && etag === undefined) {
        throw failed(`The connection to ${start.host} broke after ${position} bytes, and it cannot resume.`, error)
      }
    }
    await pause(backOffMs(retries + 1, deps.backOff), deps.signal)
  }
}

type Resumption = { position: number; etag: string | undefined }

async function open(
  start: URL,
  from: Resumption,
  secrets: SourceSecrets,
  deps: DownloadDeps,
): Promise<IncomingMessage> {
  const { login } = secrets
  const headersFor = (url: URL) => ({
    ...(from.position > 0 && from.etag !== undefined && { range: `bytes=${from.position}-`, "if-range": from.etag }),
    ...(login !== undefined && url.origin === start.origin && { authorization: basic(login) }),
  })
  const { answer, url } = await guardedGet(start, { ...deps, headersFor })
  const status = answer.statusCode ?? 0
  if (status === 200 || (status === 206 && from.position > 0)) {
    if (from.position > 0 && strongTag(answer) !== from.etag) {
      answer.destroy()
      throw failed(`The archive at ${url.host} was changed while it was downloaded.`)
    }
    if (Number(answer.headers["content-length"] ?? 0) > deps.maxBytes) {
      answer.destroy()
      throw tooLarge(deps.maxBytes)
    }
    return answer
  }
  answer.destroy()
  if (status >= 500) throw new Error(`it answered ${status}`)
  throw failed(
    `${url.host} answered ${status}. Please check if the URL is incorrect. If it has credentials, please check if they are expired.`,
  )
}

function strongTag(answer: IncomingMessage): string | undefined {
  const { etag } = answer.headers
  return etag?.startsWith('"') ? etag : undefined
}

/** The `Authorization` header of a login (RFC 7617). */
export function basic({ userName, password }: { userName: string; password: string }): string {
  return `Basic ${Buffer.from(`${userName}:${password}`).toString("base64")}`
}

function tooLarge(maxBytes: number): ContextError {
  return new ContextError(`The source archive is larger than ${maxBytes} bytes, the limit.`)
}

function failed(why: string, cause?: unknown): ContextError {
  return new ContextError(`failed to download context. ${why}`, { cause })
}
