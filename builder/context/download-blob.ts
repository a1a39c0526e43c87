import { createHash } from "node:crypto"
import { createWriteStream } from "node:fs"
import { pipeline } from "node:stream/promises"
import type { RegistryClient } from "../registry/registry-client.ts"
import { retry } from "../retry.ts"
import type { Descriptor } from "./artifact-manifest.ts"
import { ContextError } from "./context-error.ts"
import type { FetchDeps } from "./fetch-deps.ts"

const MAX_RETRIES = 3

/**
 * Writes a blob to `file` and makes sure that it is the one which the manifest names: size and digest. Up to three retries of broken
 * connections and 5xx. Errors: ContextError; the signal's reason.
 */
export async function downloadBlob(
  client: RegistryClient,
  blob: Descriptor,
  file: string,
  deps: Pick<FetchDeps, "backOff" | "signal">,
): Promise<void> {
  let attempts = 0
  const attempt = async () => {
    attempts += 1
    const answer = await client.request("GET", `blobs/${blob.digest}`, "*/*")
    if (answer.statusCode !== 200) {
      answer.destroy()
      const what = `the registry answered ${answer.statusCode} for the blob ${blob.digest}`
      throw (answer.statusCode ?? 0) >= 500 ? new Error(what) : new ContextError(`failed to download context: ${what}.`)
    }
    await pipeline(answer, (body: AsyncIterable<Uint8Array>) => verified(body, blob), createWriteStream(file), {
      signal: deps.signal,
    })
  }
  try {
    await retry(attempt, {
      ...deps.backOff,
      giveUpAfterMs: Number.POSITIVE_INFINITY,
      isTransient: (error) => !(error instanceof ContextError) && attempts <= MAX_RETRIES && !deps.signal.aborted,
      signal: deps.signal,
    })
  } catch (error) {
    deps.signal.throwIfAborted()
    if (error instanceof ContextError) throw error
    const why = error instanceof Error ? error.message : ""
    throw new ContextError(`failed to download context. The registry cannot be reached: ${why}.`, { cause: error })
  }
}

async function* verified(body: AsyncIterable<Uint8Array>, { digest, size }: Descriptor): AsyncGenerator<Uint8Array> {
  const hash = createHash(digest.split(":")[0] ?? "")
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.length
    if (bytes > size)
      throw new ContextError(`The registry sent more for the blob ${digest} than the ${size} bytes it has.`)
    hash.update(chunk)
    yield chunk
  }
  if (bytes < size) throw new Error(`the blob ${digest} was cut off after ${bytes} of ${size} bytes`)
  if (`${digest.split(":")[0]}:${hash.digest("hex")}` !== digest) {
    throw new ContextError(`The registry sent something else for the blob ${digest}.`)
  }
}
