import { createHash, randomUUID } from "node:crypto"
import { createWriteStream } from "node:fs"
import { chmod, lstat, rename } from "node:fs/promises"
import { pipeline } from "node:stream/promises"
import type { SourceSecrets } from "../../shared/contexts/take-secrets.ts"
import { ContextError, quoteName } from "./context-error.ts"
import type { FetchDeps } from "./fetch-deps.ts"
import type { RemoteGit } from "./git-connection.ts"
import { guardedGet } from "./guarded-request.ts"
import { findLargeFiles, type LargeFileLink, type Pointer, readPointer } from "./large-file.ts"
import { isFetched, type LargeFileEndpoint, largeFileEndpoint, lowerCase } from "./large-file-endpoint.ts"
import { checkParents } from "./real-folders.ts"

const BATCH = 100
const AT_ONCE = 4

type Repository = {
  url: string
  login: SourceSecrets["login"]
  folder: string
  /** What the source has taken of its limit so far. */
  bytes: number
}
type Deps = Pick<FetchDeps, "limits" | "rules" | "ca" | "say" | "signal">

/**
 * Puts the large files of a checked out repository (git-lfs) in place of their pointers, and returns how many bytes they have. It asks
 * the repository's own server and no address that the repository names, and each download is checked like an archive's. Where there
 * is none to ask, a warning says so and the pointers stay. Errors: ContextError; the signal's reason.
 */
export async function fetchLargeFiles(repository: Repository, git: RemoteGit, deps: Deps): Promise<number> {
  const { url, login, folder, bytes } = repository
  const listed = await git.run(["ls-files", "-z", "--", ":(attr:filter=lfs)"])
  const paths = listed.stdout.split("\0").filter((path) => path !== "")
  const found = await Promise.all(paths.map((path) => readPointer(folder, path)))
  const pointers = found.filter((pointer) => pointer !== undefined)
  if (pointers.length === 0) return 0

  const size = pointers.reduce((sum, pointer) => sum + pointer.size, 0)
  if (bytes + size > deps.limits.maxBytes) {
    throw new ContextError(`The repository's large files (LFS) exceed the limit, ${deps.limits.maxBytes} bytes.`)
  }
  const endpoint = await largeFileEndpoint({ url, login }, git, deps.rules)
  if ("missing" in endpoint) {
    deps.say(`WARNING: the repository's large files (LFS) stay pointers: ${endpoint.missing}`)
    return 0
  }
  for (let at = 0; at < pointers.length; at += BATCH) {
    const batch = pointers.slice(at, at + BATCH)
    const links = await findLargeFiles(endpoint, batch, deps)
    if (links === undefined) {
      deps.say(`WARNING: the repository's large files (LFS) stay pointers: ${endpoint.url.host} offers none.`)
      return 0
    }
    for (let first = 0; first < batch.length; first += AT_ONCE) {
      const some = batch.slice(first, first + AT_ONCE)
      await Promise.all(some.map((pointer) => place(pointer, links.get(pointer.oid), { folder, endpoint }, deps)))
    }
  }
  return size
}

async function place(
  pointer: Pointer,
  link: LargeFileLink | undefined,
  { folder, endpoint }: { folder: string; endpoint: LargeFileEndpoint },
  deps: Deps,
): Promise<void> {
  const name = quoteName(pointer.path)
  if (link === undefined) throw new ContextError(`The server has no content for the large file ${name} (LFS).`)
  const { href } = link
  if (!isFetched(href, deps.rules)) {
    throw new ContextError(`The large file ${name} (LFS) lies at ${href.protocol}//, which is not fetched.`)
  }
  const headersFor = (to: URL): Record<string, string> => {
    if (to.origin !== href.origin) return {}
    const own = to.origin === endpoint.url.origin ? endpoint.header : {}
    return { ...own, ...lowerCase(link.header) }
  }
  const { answer } = await guardedGet(href, { ...deps, headersFor })
  if (answer.statusCode !== 200) {
    answer.destroy()
    throw new ContextError(
      `The large file ${name} (LFS) cannot be downloaded: ${href.host} answered ${answer.statusCode}.`,
    )
  }
  // Two files may have the same content, and arrive together.
  const part = `${folder}/.git/${randomUUID()}`
  const check = (body: AsyncIterable<Uint8Array>) => verified(body, pointer)
  await pipeline(answer, check, createWriteStream(part, { flags: "wx" }), { signal: deps.signal })
  checkParents(folder, pointer.path)
  await chmod(part, (await lstat(`${folder}/${pointer.path}`)).mode & 0o777)
  await rename(part, `${folder}/${pointer.path}`)
}

async function* verified(body: AsyncIterable<Uint8Array>, { path, oid, size }: Pointer): AsyncGenerator<Uint8Array> {
  const hash = createHash("sha256")
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.length
    if (bytes > size) break
    hash.update(chunk)
    yield chunk
  }
  if (bytes !== size || hash.digest("hex") !== oid) {
    throw new ContextError(`The server sent something else for the large file ${quoteName(path)} (LFS).`)
  }
}
