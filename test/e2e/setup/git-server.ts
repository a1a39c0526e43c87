import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { serveGit, userGit } from "../../builder/context/git-server.ts"

/** Who may read the repositories; as a password, or alone in the place of the user (task-file 7.4). */
export const GIT_TOKEN = "tok3n-of-the-git-server"

/** One commit after another: files by their paths, and what the commit is called beside its branch. */
export type Commit = { branch: string; tag?: string; files: Record<string, string> }

/** A server for sources: git over smart HTTP, which asks for a token, and archives, which it gives to anybody. */
export async function startGitServer() {
  const root = await mkdtemp(path.join(tmpdir(), "slipway-git-"))
  const archives = new Map<string, Buffer>()
  const server = await serveGit(root, {
    intercept(request, response) {
      const archive = archives.get(request.url ?? "")
      if (archive !== undefined) {
        response.writeHead(200, { "content-type": "application/gzip", "content-length": archive.length })
        response.end(request.method === "HEAD" ? undefined : archive)
        return true
      }
      if (isAllowed(request.headers.authorization)) return false
      response.writeHead(401, { "www-authenticate": 'Basic realm="git"' }).end()
      return true
    },
  })

  return {
    host: server.host,
    /** The address of a repository, with the token in it. */
    url: (name: string) => `http://${GIT_TOKEN}@${server.host}/${name}.git`,
    /** Makes the repository `name.git`; returns the full ids of its commits. */
    async addRepository(name: string, commits: Commit[]): Promise<string[]> {
      const work = path.join(root, `${name}-work`)
      await mkdir(work)
      userGit(work, "init", "--quiet", "--initial-branch=main")
      const ids: string[] = []
      for (const commit of commits) {
        if (ids.length > 0) userGit(work, "checkout", "--quiet", "-B", commit.branch)
        for (const [file, text] of Object.entries(commit.files)) {
          await mkdir(path.dirname(path.join(work, file)), { recursive: true })
          await writeFile(path.join(work, file), text)
        }
        userGit(work, "add", "--all")
        userGit(work, "commit", "--quiet", "--message=change")
        if (commit.tag !== undefined) userGit(work, "tag", commit.tag)
        ids.push(userGit(work, "rev-parse", "HEAD"))
      }
      userGit(work, "checkout", "--quiet", "main")
      userGit(root, "clone", "--quiet", "--bare", work, path.join(root, `${name}.git`))
      return ids
    },
    /** Offers an archive under a name; returns its address. */
    addArchive(name: string, content: Buffer): string {
      archives.set(`/${name}`, content)
      return `http://${server.host}/${name}`
    },
    async close() {
      await server.close()
      await rm(root, { recursive: true, force: true })
    },
  }
}
export type GitServer = Awaited<ReturnType<typeof startGitServer>>

function isAllowed(authorization: string | undefined): boolean {
  const given = Buffer.from(authorization?.replace(/^Basic /, "") ?? "", "base64").toString()
  return given.split(":").includes(GIT_TOKEN)
}
