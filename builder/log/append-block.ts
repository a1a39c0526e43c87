/** First Azure version whose append answers are all that is used here; every Azurite knows it. */
const STORAGE_VERSION = "2021-12-02"

/** How one append went. `misplaced`: the blob's length is not `position`, so nothing was written by this call. */
export type AppendResult =
  | { kind: "appended"; position: number }
  | { kind: "misplaced" }
  /** The call may or may not have been carried out. */
  | { kind: "inDoubt"; why: string }
  /** The store did not carry it out but may later. */
  | { kind: "notNow"; why: string }
  /** The store will never take it: the blob is gone or full, or the SAS has expired. */
  | { kind: "refused"; why: string }

export type AppendBlock = (block: Buffer, position: number | undefined, signal?: AbortSignal) => Promise<AppendResult>

/**
 * Appends to a blob with an add-only SAS, by plain HTTP (Append Block). With a `position` only if the blob is exactly that long, so
 * that a repeated call can never write twice (contracts, "Builders"). Never throws.
 */
export function createAppendBlock(url: string, timeoutMs = 30_000): AppendBlock {
  const target = `${url}${url.includes("?") ? "&" : "?"}comp=appendblock`
  return async (block, position, signal) => {
    const timeout = AbortSignal.timeout(timeoutMs)
    try {
      const response = await fetch(target, {
        method: "PUT",
        body: new Uint8Array(block.buffer as ArrayBuffer, block.byteOffset, block.length),
        signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
        headers: {
          "x-ms-version": STORAGE_VERSION,
          "content-type": "text/plain",
          ...(position === undefined ? {} : { "x-ms-blob-condition-appendpos": String(position) }),
        },
      })
      await response.arrayBuffer()
      return resultOf(response, position)
    } catch (error) {
      return { kind: "inDoubt", why: causeOf(error) }
    }
  }
}

function resultOf(response: Response, position: number | undefined): AppendResult {
  const { status } = response
  if (status === 201) {
    return { kind: "appended", position: Number(response.headers.get("x-ms-blob-append-offset") ?? position ?? 0) }
  }
  const code = response.headers.get("x-ms-error-code") ?? ""
  const why = `the log store answered ${status}${code === "" ? "" : ` ${code}`}`
  if (status === 412 && (code === "" || code === "AppendPositionConditionNotMet")) return { kind: "misplaced" }
  // A gateway's 5xx says nothing about what happened behind it.
  if (status >= 500 || status === 408) return { kind: "inDoubt", why }
  return status === 429 ? { kind: "notNow", why } : { kind: "refused", why }
}

function causeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  return cause instanceof Error ? `the log store is not reached: ${cause.message}` : "the log store is not reached"
}
