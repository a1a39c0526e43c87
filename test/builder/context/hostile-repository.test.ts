import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs"
import { cp, mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { ContextError } from "../../../builder/context/context-error.ts"
import { fetchGit } from "../../../builder/context/fetch-git.ts"
import { fetchDeps } from "./fetch-deps.ts"
import { type GitServer, type Intercept, serveGit, userGit } from "./git-server.ts"
import { type RawEntry, rawObject, rawTree } from "./raw-git.ts"

const open: GitServer[] = []
let base: string
let served: string
let work: string
/** A folder of the machine that belongs to nobody's source. */
let victim: string

beforeAll(async () => {
  base = await mkdtemp(path.join(tmpdir(), "hostile-"))
})

afterAll(() => rm(base, { recursive: true, force: true }))

beforeEach(async () => {
  work = await mkdtemp(path.join(base, "work-"))
  served = path.join(work, "served")
  victim = path.join(work, "victim")
  for (const folder of [served, victim, path.join(work, "context")]) await mkdir(folder)
})

afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()))
})

/** git's own server checks nothing that it sends. `files` leaves out git: a server of files only, whose objects git does not check either. */
async function serve(kind: "git" | "files" = "git"): Promise<GitServer> {
  const files: Intercept = async ({ url = "" }, response) => {
    const bytes = await readFile(path.join(served, url.replace(/\?.*/, ""))).catch(() => undefined)
    response.writeHead(bytes === undefined ? 404 : 200).end(bytes)
    return true
  }
  const server = await serveGit(served, kind === "files" ? { intercept: files } : {})
  open.push(server)
  return server
}

function emptyRepository(): string {
  const folder = mkdtempSync(path.join(work, "seed-"))
  userGit(folder, "init", "--quiet", "--initial-branch=main")
  return folder
}

/** Copied, not cloned: git would not clone what these hold. Returns its commit. */
async function publish(folder: string, name: string): Promise<string> {
  const copy = path.join(served, `${name}.git`)
  await cp(path.join(folder, ".git"), copy, { recursive: true })
  userGit(copy, "config", "core.bare", "true")
  userGit(copy, "config", "uploadpack.allowAnySHA1InWant", "true")
  userGit(copy, "update-server-info")
  return userGit(copy, "rev-parse", "main")
}

/** A repository as people make them; values that begin with `->` are links. */
async function repository(name: string, files: Record<string, string>, modules: Record<string, string> = {}) {
  const folder = emptyRepository()
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true })
    if (content.startsWith("->")) symlinkSync(content.slice(2), path.join(folder, file))
    else writeFileSync(path.join(folder, file), content)
  }
  userGit(folder, "add", "--all")
  for (const [modulePath, id] of Object.entries(modules)) {
    userGit(folder, "update-index", "--add", "--cacheinfo", `160000,${id},${modulePath}`)
  }
  userGit(folder, "commit", "--quiet", "-m", "one")
  return await publish(folder, name)
}

/** A repository whose objects are written byte by byte, whatever git thinks of them. */
async function rawRepository(
  name: string,
  treeOf: (folder: string) => string,
  signature = "a <a@example.com> 1 +0000",
): Promise<string> {
  const folder = emptyRepository()
  const commit = `tree ${treeOf(folder)}\nauthor ${signature}\ncommitter ${signature}\n\none\n`
  userGit(folder, "update-ref", "refs/heads/main", rawObject(folder, "commit", commit))
  return await publish(folder, name)
}

const fetchFrom = (url: string) =>
  fetchGit(
    { type: "git", url, ref: "main", folder: "" },
    {},
    path.join(work, "context"),
    fetchDeps(work, { rules: { allowedHosts: open.map(({ host }) => host) } }),
  )

const modulesText = (url: string, modules: Record<string, string>) =>
  Object.entries(modules)
    .map(([name, at]) => `[submodule "${name}"]\n\tpath = ${at}\n\turl = ${url}/${name}.git\n`)
    .join("")

describe.each(["git", "files"] as const)("a malformed tree from a server of %s", (kind) => {
  test("that holds a submodule below a submodule writes nothing through its links", async () => {
    const server = await serve(kind)
    const evil = await repository("evil", { owned: "* * * * * root id" })
    const sub = await repository("sub", { file: "f", t: `->${victim}` })
    await rawRepository("top", (folder) => {
      const modules = rawObject(folder, "blob", modulesText(server.base, { sub: "s", evil: "s/t/x" }))
      const t = rawTree(folder, [{ mode: "160000", name: "x", id: evil }])
      const s = rawTree(folder, [{ mode: "40000", name: "t", id: t }])
      return rawTree(folder, [
        { mode: "100644", name: ".gitmodules", id: modules },
        { mode: "160000", name: "s", id: sub },
        { mode: "40000", name: "s", id: s },
      ])
    })

    await expect(fetchFrom(`${server.base}/top.git`)).rejects.toThrow(ContextError)
    expect(await readdir(victim)).toEqual([])
    expect(server.seen.filter(({ url }) => /sub|evil/.test(url))).toEqual([])
  })

  test("that holds a submodule below a link writes nothing through it", async () => {
    const server = await serve(kind)
    const evil = await repository("evil", { owned: "x" })
    await rawRepository("top", (folder) => {
      const modules = rawObject(folder, "blob", modulesText(server.base, { evil: "d/x" }))
      return rawTree(folder, [
        { mode: "100644", name: ".gitmodules", id: modules },
        { mode: "120000", name: "d", id: rawObject(folder, "blob", victim) },
        { mode: "160000", name: "d/x", id: evil },
      ])
    })

    await expect(fetchFrom(`${server.base}/top.git`)).rejects.toThrow(ContextError)
    expect(await readdir(victim)).toEqual([])
    expect(server.seen.filter(({ url }) => url.includes("evil"))).toEqual([])
  })

  const blob = (folder: string, name: string): RawEntry[] => [
    { mode: "100644", name, id: rawObject(folder, "blob", "x") },
  ]
  test.each<[string, (folder: string) => RawEntry[]]>([
    ["two entries of one name", (folder) => [...blob(folder, "a"), ...blob(folder, "a")]],
    ["..", (folder) => [{ mode: "40000", name: "..", id: rawTree(folder, blob(folder, "owned")) }]],
    [".", (folder) => [{ mode: "40000", name: ".", id: rawTree(folder, blob(folder, "owned")) }]],
    ["a name with a slash", (folder) => blob(folder, "../victim/owned")],
    [".git", (folder) => [{ mode: "40000", name: ".git", id: rawTree(folder, blob(folder, "owned")) }]],
    [".GIT", (folder) => [{ mode: "40000", name: ".GIT", id: rawTree(folder, blob(folder, "owned")) }]],
    [".git for HFS", (folder) => [{ mode: "40000", name: ".g\u200cit", id: rawTree(folder, blob(folder, "owned")) }]],
    [".git for NTFS", (folder) => [{ mode: "40000", name: "git~1", id: rawTree(folder, blob(folder, "owned")) }]],
    ["a submodule at .git", () => [{ mode: "160000", name: ".git", id: "1".repeat(40) }]],
  ])("that holds %s is refused before anything is written", async (_, entriesOf) => {
    const server = await serve(kind)
    await rawRepository("top", (folder) => rawTree(folder, entriesOf(folder)))

    await expect(fetchFrom(`${server.base}/top.git`)).rejects.toThrow(ContextError)
    expect(await readdir(path.join(work, "context"))).toEqual([".git"])
    expect(await readdir(victim)).toEqual([])
  })
})

describe("what a repository says about itself", () => {
  test("is refused in git's words when it is malformed", async () => {
    const server = await serve()
    await rawRepository("top", (folder) => {
      const entry = { mode: "100644", name: "a", id: rawObject(folder, "blob", "x") }
      return rawTree(folder, [entry, entry])
    })

    await expect(fetchFrom(`${server.base}/top.git`)).rejects.toThrow(/top\.git" is malformed: .*duplicateEntries/)
  })

  test.each([
    ["a date without a zone that exists", "a <a@example.com> 1 +051800"],
    ["a name without a space behind it", "a<a@example.com> 1 +0000"],
    ["an address in two pairs of brackets", "a <<a@example.com>> 1 +0000"],
  ])("may be as careless as old tools were: %s", async (_, signature) => {
    const server = await serve()
    const commit = await rawRepository(
      "top",
      (folder) => {
        const inner = rawTree(folder, [{ mode: "100644", name: "a", id: rawObject(folder, "blob", "x") }])
        return rawTree(folder, [{ mode: "040000", name: "d", id: inner }])
      },
      signature,
    )

    expect((await fetchFrom(`${server.base}/top.git`)).revision).toBe(commit)
    expect(await readFile(path.join(work, "context/d/a"), "utf8")).toBe("x")
  })
})

describe("links", () => {
  test("that leave the source are refused before any submodule is asked for", async () => {
    const server = await serve()
    const leaf = await repository("leaf", { leaf: "x" })
    const sub = await repository(
      "sub",
      { t: `->${victim}`, ".gitmodules": modulesText(server.base, { leaf: "z" }) },
      { z: leaf },
    )
    await repository("top", { ".gitmodules": modulesText(server.base, { sub: "s" }) }, { s: sub })

    await expect(fetchFrom(`${server.base}/top.git`)).rejects.toThrow(/a link that points out of it, "s\/t"/)
    expect(server.seen.filter(({ url }) => url.includes("leaf"))).toEqual([])
  })
})
