import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import type { FetchDeps } from "../builder/context/fetch-deps.ts"
import { fetchSource } from "../builder/context/fetch-source.ts"
import { SYSTEM_PATH } from "../builder/engine/client-environment.ts"
import { runCommand } from "../local/cli/run-command.ts"
import { serveGit, userGit } from "../test/builder/context/git-server.ts"
import { atMost, type Figure } from "./figure.ts"
import { median, spread, timed } from "./statistics.ts"

const FOLDERS = 50
const FILES_PER_FOLDER = 100
const COMMITS = 3
const PAIRS = 10
const WARM_UP_PAIRS = 1
const LIMIT = 1.2

/** A source of 5,000 files by git from a server of smart HTTP, beside `git clone --depth 1` of the same, in turns. */
export async function measureGitContext(): Promise<Figure[]> {
  const root = await mkdtemp(path.join(tmpdir(), "slipway-bench-"))
  await makeRepository(root)
  const server = await serveGit(root)
  const url = `${server.base}/many.git`
  try {
    const ours: number[] = []
    const theirs: number[] = []
    for (let pair = 1; pair <= WARM_UP_PAIRS + PAIRS; pair += 1) {
      const bare = await inNewFolder(root, (folder) => timed(() => clone(url, folder)))
      const fetched = await inNewFolder(root, (folder) => timed(() => fetch(url, folder, server.host)))
      if (pair <= WARM_UP_PAIRS) continue
      theirs.push(bare)
      ours.push(fetched)
    }
    const ratios = ours.map((ms, pair) => ms / (theirs[pair] ?? Number.NaN))
    const detail = [
      `${PAIRS} alternating pairs; ours ${median(ours).toFixed(0)} ms with every check of the tree,`,
      `\`git clone --depth 1\` ${median(theirs).toFixed(0)} ms; ratios ${spread(ratios, 2, "×")}`,
    ].join(" ")
    const files = FOLDERS * FILES_PER_FOLDER
    return [atMost(`git context of ${files} files against bare git`, median(ratios), LIMIT, "×", detail)]
  } finally {
    await server.close()
    await rm(root, { recursive: true, force: true })
  }
}

/** Some history, so that a shallow copy is less than all of it. */
async function makeRepository(root: string): Promise<void> {
  const work = path.join(root, "work")
  await mkdir(work)
  userGit(work, "init", "--quiet", "--initial-branch=main")
  for (let commit = 1; commit <= COMMITS; commit += 1) {
    for (let folder = 0; folder < FOLDERS; folder += 1) {
      const where = path.join(work, `folder-${folder}`)
      await mkdir(where, { recursive: true })
      for (let file = 0; file < FILES_PER_FOLDER; file += 1) {
        const text = `commit ${commit}, file ${file} of folder ${folder}\n`.repeat(20 + (file % 40))
        await writeFile(path.join(where, `file-${file}.txt`), text)
      }
    }
    userGit(work, "add", "--all")
    userGit(work, "commit", "--quiet", `--message=change ${commit}`)
  }
  userGit(root, "clone", "--quiet", "--bare", work, path.join(root, "many.git"))
  userGit(path.join(root, "many.git"), "gc", "--quiet")
}

async function inNewFolder(root: string, work: (folder: string) => Promise<number>): Promise<number> {
  const folder = await mkdtemp(path.join(root, "checkout-"))
  const ms = await work(folder)
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile() && entry.name.startsWith("file-"))
  if (files.length !== FOLDERS * FILES_PER_FOLDER) throw new Error(`${files.length} files were checked out`)
  await rm(folder, { recursive: true, force: true })
  return ms
}

async function clone(url: string, folder: string): Promise<void> {
  const env = { PATH: SYSTEM_PATH, HOME: folder, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" }
  const { code, stderr } = await runCommand("git", ["clone", "--quiet", "--depth", "1", url, `${folder}/clone`], {
    env,
  })
  if (code !== 0) throw new Error(`git clone ended with exit code ${code}: ${stderr}`)
}

async function fetch(url: string, folder: string, host: string): Promise<void> {
  const source = path.join(folder, "source")
  await mkdir(source)
  const deps: FetchDeps = {
    workFolder: folder,
    limits: { maxBytes: 1e9, maxEntries: 100_000, maxRatio: 200 },
    rules: { allowedHosts: [host.replace(/:\d+$/, "")] },
    backOff: { firstDelayMs: 500, maxDelayMs: 4000 },
    timeoutMs: 60_000,
    ssh: { problem: "there is no SSH key" },
    path: SYSTEM_PATH,
    authOf: () => undefined,
    isInsecure: () => false,
    platform: "linux/amd64",
    say: () => {},
    signal: new AbortController().signal,
  }
  await fetchSource({ type: "git", url, ref: "main", folder: "" }, {}, source, deps)
}
