import { type BackOff, backOffMs, pause } from "../retry.ts"
import { ContextError } from "./context-error.ts"

/** First Azure version whose SAS and range answers are all that is used here; every Azurite knows it. */
const STORAGE_VERSION = "2021-12-02"

export type DownloadOptions = {
  /** ETag that the blob must have; without it, the one of the first answer. */
  version?: string | undefined
  signal?: AbortSignal | undefined
  /** Without a single new byte for this long the download is given up. */
  outageMs: number
  backOff: BackOff
  /** One request that sends nothing for this long is cut and resumed. */
  stallMs?: number
}

/** The blob store could not be reached: an Error of the service, not of the user. */
export class DownloadError extends Error {
  override readonly name = "DownloadError"
}

/**
 * The bytes of a blob, through broken connections and outages: each request asks for what is missing, of the same version of the
 * blob. Errors: ContextError when the store says that there is nothing to get, DownloadError when it stays away.
 */
export async function* download(url: string, options: DownloadOptions): AsyncGenerator<Uint8Array> {
  let position = 0
  let etag = options.version
  let attempt = 0
  let lastByteAt = performance.now()
  for (;;) {
    let failure: unknown
    const watch = createWatch(options)
    try {
      const response = await request(url, position, etag, watch.signal)
      etag ??= response.headers.get("etag") ?? undefined
      // A store without ranges starts over: what is known already is skipped.
      let skip = response.status === 206 ? 0 : position
      for await (const chunk of response.body ?? []) {
        const fresh = chunk.subarray(Math.min(skip, chunk.length))
        skip -= chunk.length - fresh.length
        if (fresh.length === 0) continue
        position += fresh.length
        attempt = 0
        // The reader may take its time; only the store's silence counts.
        watch.stop()
        yield fresh
        watch.start()
        lastByteAt = performance.now()
      }
      return
    } catch (error) {
      options.signal?.throwIfAborted()
      if (error instanceof ContextError) throw error
      failure = error
    } finally {
      watch.stop()
    }
    if (performance.now() - lastByteAt > options.outageMs) {
      throw new DownloadError("The source archive could not be downloaded: the blob store does not answer.", {
        cause: failure,
      })
    }
    attempt += 1
    await pause(backOffMs(attempt, options.backOff), options.signal)
  }
}

async function request(
  url: string,
  position: number,
  etag: string | undefined,
  signal: AbortSignal,
): Promise<Response> {
  const headers: Record<string, string> = { "x-ms-version": STORAGE_VERSION, "accept-encoding": "identity" }
  if (position > 0) headers.range = `bytes=${position}-`
  if (etag !== undefined) headers["if-match"] = etag
  const response = await fetch(url, { headers, signal })
  if (response.ok) return response
  await response.body?.cancel()
  // The last byte had arrived when the connection broke: nothing is left to send.
  if (response.status === 416 && position > 0) return new Response(null, { status: 200 })
  throw refusal(response.status)
}

function refusal(status: number): Error {
  if (status >= 500 || status === 408 || status === 429) return new Error(`the blob store answered ${status}`)
  if (status === 412)
    return new ContextError(
      "The source archive was changed after the run was queued; upload it again and queue a new run.",
    )
  return new ContextError(
    `failed to download context. The blob store answered ${status}. Please check if the URL is incorrect. If it has credentials, please check if they are expired.`,
  )
}

/** Aborts a request that has gone silent, or whose run has ended. */
function createWatch({ signal, stallMs = 30_000 }: DownloadOptions) {
  const controller = new AbortController()
  const abort = () => controller.abort(new Error("the blob store went silent"))
  let timer = setTimeout(abort, stallMs)
  return {
    signal: signal === undefined ? controller.signal : AbortSignal.any([signal, controller.signal]),
    start() {
      timer = setTimeout(abort, stallMs)
    },
    stop() {
      clearTimeout(timer)
    },
  }
}
