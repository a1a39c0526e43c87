import { mkdtemp } from "node:fs/promises"
import type { GitLocation } from "../../shared/contexts/source-location.ts"
import { type SourceSecrets, takeSecrets } from "../../shared/contexts/take-secrets.ts"
import { removeTree } from "../remove-tree.ts"
import { checkLinks } from "./check-links.ts"
import { ContextError, quoteName } from "./context-error.ts"
import type { FetchDeps } from "./fetch-deps.ts"
import { fetchLargeFiles } from "./fetch-large-files.ts"
import { folderInside } from "./folder-inside.ts"
import { gitRemote, submoduleUrl } from "./git-remote.ts"
import { type Checkout, checkOutRepository, type GitDeps } from "./git-repository.ts"
import { makeFolder } from "./real-folders.ts"

/** As deep as submodules may hold each other, and as many as there may be. */
const MAX_DEPTH = 10
const MAX_MODULES = 200

export type GitSource = { folder: string; revision: string; branch?: string }

/**
 * Checks a repository out into the empty `folder`, with its submodules and large files, and returns the folder that the location
 * names in it. Every submodule's address passes the same checks; the token goes along to the same origin only. Errors: ContextError;
 * the signal's reason.
 */
export async function fetchGit(
  location: GitLocation,
  secrets: SourceSecrets,
  folder: string,
  deps: Omit<GitDeps, "home"> & Pick<FetchDeps, "workFolder">,
): Promise<GitSource> {
  const home = await mkdtemp(`${deps.workFolder}/git-home-`)
  try {
    const source = createSource(folder, { ...deps, home })
    const { revision, branch } = await source.add({ ...location, login: secrets.login }, "", 0)
    checkLinks(folder, source.links, "repository")
    return { folder: await folderInside(folder, location.folder), revision, ...(branch !== undefined && { branch }) }
  } finally {
    await removeTree(home)
  }
}

function createSource(root: string, deps: GitDeps) {
  const links: string[] = []
  let used = { entries: 0, bytes: 0 }
  let modules = 0

  async function add(
    wanted: { url: string; ref: string; login: SourceSecrets["login"] },
    path: string,
    depth: number,
  ): Promise<Checkout> {
    const folder = path === "" ? root : `${root}/${path}`
    if (path !== "") makeFolder(root, path)
    const checkout = await checkOutRepository(wanted, folder, used, deps)
    const { tree, url } = checkout
    used = { entries: tree.entries, bytes: tree.bytes }
    const own = tree.links.map((link) => below(path, link))
    // Before anything is written below them; at the end once more, when all that they lead to is there.
    checkLinks(root, own, "repository")
    for (const link of own) links.push(link)
    const origin = gitRemote(url)?.origin
    const login = origin === gitRemote(wanted.url)?.origin ? wanted.login : undefined
    if (tree.hasAttributes) {
      used.bytes += await fetchLargeFiles({ url, login, folder, bytes: used.bytes }, checkout.git, deps)
    }
    if (tree.modules.length === 0) return checkout

    const addresses = await readModules(checkout)
    for (const { path: modulePath, commit } of tree.modules) {
      const address = addresses.get(modulePath)
      // Like git: a commit that .gitmodules does not name stays an empty folder.
      if (address === undefined) continue
      modules += 1
      if (modules > MAX_MODULES || depth === MAX_DEPTH) {
        throw new ContextError(
          `The repository holds more than ${MAX_MODULES} submodules, or ${MAX_DEPTH} inside each other.`,
        )
      }
      const { location, secrets } = takeSecrets<GitLocation>({
        type: "git",
        url: submoduleUrl(url, address),
        ref: commit,
        folder: "",
      })
      const isSameOrigin = origin !== undefined && gitRemote(location.url)?.origin === origin
      const moduleLogin = secrets.login ?? (isSameOrigin ? login : undefined)
      await inModule(modulePath, () => add({ ...location, login: moduleLogin }, below(path, modulePath), depth + 1))
    }
    return checkout
  }

  return { links, add }
}

/** The addresses of `.gitmodules` by path, as git reads that file. */
async function readModules({ git }: Checkout): Promise<Map<string, string>> {
  const { exitCode, stdout } = await git.run(["config", "--blob", "HEAD:.gitmodules", "-z", "--list"])
  const byName = new Map<string, { path?: string; url?: string }>()
  for (const line of exitCode === 0 ? stdout.split("\0") : []) {
    const match = /^submodule\.(.+)\.(path|url)\n(.*)$/s.exec(line)
    if (match === null) continue
    const [, name = "", key = "", value = ""] = match
    byName.set(name, { ...byName.get(name), [key]: value })
  }
  return new Map([...byName.values()].flatMap(({ path, url }) => (path && url ? [[path, url] as const] : [])))
}

async function inModule<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof ContextError) || error.message.startsWith("Submodule ")) throw error
    throw new ContextError(`Submodule ${quoteName(path)}: ${error.message}`, { cause: error })
  }
}

function below(path: string, name: string): string {
  return path === "" ? name : `${path}/${name}`
}
