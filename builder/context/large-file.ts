import { lstat, readFile } from "node:fs/promises"
import { z } from "zod"
import { ContextError } from "./context-error.ts"
import type { FetchDeps } from "./fetch-deps.ts"
import { guardedRequest, readBody } from "./guarded-request.ts"
import type { LargeFileEndpoint } from "./large-file-endpoint.ts"
import { checkParents } from "./real-folders.ts"

/** What stands in a repository in place of a large file (git-lfs, docs/spec.md). */
export type Pointer = { path: string; oid: string; size: number }

const MAX_POINTER_BYTES = 1024
const MAX_ANSWER_BYTES = 4 * 1024 * 1024
const MEDIA_TYPE = "application/vnd.git-lfs+json"

const Batch = z.object({
  objects: z.array(
    z.object({
      oid: z.string(),
      error: z.object({ code: z.number(), message: z.string() }).optional(),
      actions: z
        .object({
          download: z.object({ href: z.url(), header: z.record(z.string(), z.string()).optional() }).optional(),
        })
        .optional(),
    }),
  ),
})
export type LargeFileLink = { href: URL; header: Record<string, string> }

/** The pointer in a checked out file; undefined when it holds something else. Errors: ContextError when it lies behind a link. */
export async function readPointer(folder: string, path: string): Promise<Pointer | undefined> {
  checkParents(folder, path)
  const facts = await lstat(`${folder}/${path}`)
  if (!facts.isFile() || facts.size > MAX_POINTER_BYTES) return undefined
  const text = await readFile(`${folder}/${path}`, "utf8")
  if (!text.startsWith("version https://git-lfs.github.com/spec/v1\n")) return undefined
  const oid = /^oid sha256:([0-9a-f]{64})$/m.exec(text)?.[1]
  const size = /^size (\d{1,15})$/m.exec(text)?.[1]
  return oid === undefined || size === undefined ? undefined : { path, oid, size: Number(size) }
}

/**
 * Asks a repository's server where its large files are (git-lfs, docs/api/batch.md). Undefined when it has none to offer. Errors:
 * ContextError naming what the server says.
 */
export async function findLargeFiles(
  { url, header }: LargeFileEndpoint,
  pointers: Pointer[],
  deps: Pick<FetchDeps, "rules" | "ca" | "signal">,
): Promise<Map<string, LargeFileLink> | undefined> {
  const answer = await guardedRequest(new URL(`${url.href}/objects/batch`), {
    ...deps,
    method: "POST",
    headersFor: () => ({ ...header, accept: MEDIA_TYPE, "content-type": MEDIA_TYPE }),
    body: JSON.stringify({
      operation: "download",
      transfers: ["basic"],
      objects: pointers.map(({ oid, size }) => ({ oid, size })),
    }),
  })
  const status = answer.statusCode ?? 0
  const body = await readBody(answer, MAX_ANSWER_BYTES)
  if (status === 404 || status === 501) return undefined
  if (status !== 200)
    throw new ContextError(`The large files of the repository (LFS) are refused: ${url.host} answered ${status}.`)
  const links = new Map<string, LargeFileLink>()
  for (const { oid, error, actions } of readBatch(body)) {
    if (error !== undefined) {
      throw new ContextError(
        `A large file of the repository (LFS ${oid.slice(0, 12)}) is not to be had: ${error.code}.`,
      )
    }
    if (actions?.download !== undefined) {
      links.set(oid, { href: new URL(actions.download.href), header: actions.download.header ?? {} })
    }
  }
  return links
}

function readBatch(body: Buffer): z.infer<typeof Batch>["objects"] {
  try {
    return Batch.parse(JSON.parse(body.toString("utf8"))).objects
  } catch (error) {
    throw new ContextError("The server's list of large files (LFS) cannot be read.", { cause: error })
  }
}
