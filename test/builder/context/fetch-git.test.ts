import { execFileSync } from "node:child_process"
import { createHash, randomBytes } from "node:crypto"
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs"
import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { ContextError } from "../../../builder/context/context-error.ts"
import type { FetchDeps } from "../../../builder/context/fetch-deps.ts"
import { fetchSource } from "../../../builder/context/fetch-source.ts"
import { readBody } from "../../../builder/context/guarded-request.ts"
import { readSourceLocation } from "../../../shared/contexts/read-source-location.ts"
import { takeSecrets } from "../../../shared/contexts/take-secrets.ts"
import { fetchDeps } from "./fetch-deps.ts"
import { type GitServer, type Intercept, makeCertificate, serveGit, userGit } from "./git-server.ts"

let base: string
let work: string
let commits: { first: string; second: string; feature: string; pull: string }
const open: GitServer[] = []

beforeAll(async () => {
  base = await mkdtemp(path.join(tmpdir(), "fetch-git-"))
  const seed = path.join(base, "seed")
  mkdirSync(path.join(seed, "src/app"), { recursive: true })
  userGit(seed, "init", "--quiet", "--initial-branch=trunk")
  writeFileSync(path.join(seed, "src/app/Dockerfile"), "FROM scratch\n")
  writeFileSync(path.join(seed, "file"), "1")
  symlinkSync("src/app", path.join(seed, "link"))
  commit(seed, "one")
  userGit(seed, "tag", "v1")
  const first = userGit(seed, "rev-parse", "HEAD")
  writeFileSync(path.join(seed, "file"), "2")
  commit(seed, "two")
  userGit(seed, "tag", "-a", "-m", "noted", "v2")
  const second = userGit(seed, "rev-parse", "HEAD")
  userGit(seed, "checkout", "--quiet", "-b", "feature/one")
  writeFileSync(path.join(seed, "file"), "feature")
  commit(seed, "three")
  const feature = userGit(seed, "rev-parse", "HEAD")
  userGit(seed, "checkout", "--quiet", "--detach", "trunk")
  writeFileSync(path.join(seed, "file"), "pull")
  commit(seed, "four")
  const pull = userGit(seed, "rev-parse", "HEAD")
  userGit(seed, "update-ref", "refs/pull/3/head", pull)
  userGit(seed, "update-ref", "refs/merge-requests/5/head", pull)
  userGit(seed, "checkout", "--quiet", "trunk")
  publish(seed, "app")
  commits = { first, second, feature, pull }
})

afterAll(() => rm(base, { recursive: true, force: true }))

beforeEach(async () => {
  work = await mkdtemp(path.join(base, "work-"))
  await mkdir(path.join(work, "context"))
})

afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()))
})

function commit(folder: string, message: string): void {
  userGit(folder, "add", "--all")
  userGit(folder, "commit", "--quiet", "--allow-empty", "-m", message)
}

function publish(folder: string, name: string): void {
  userGit(base, "clone", "--quiet", "--mirror", folder, path.join(base, "served", `${name}.git`))
}

/** A repository made of files; values that begin with `->` are links. */
function repository(name: string, files: Record<string, string>, modules: Record<string, string> = {}): string {
  const folder = path.join(base, `seed-${name}`)
  mkdirSync(folder, { recursive: true })
  userGit(folder, "init", "--quiet", "--initial-branch=main")
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
  publish(folder, name)
  return userGit(folder, "rev-parse", "HEAD")
}

async function serve(intercept?: Intercept, tls?: { key: string; cert: string }): Promise<GitServer> {
  const server = await serveGit(path.join(base, "served"), {
    ...(intercept !== undefined && { intercept }),
    ...(tls !== undefined && { tls }),
  })
  open.push(server)
  return server
}

async function fetchFrom(text: string, more: Partial<FetchDeps> = {}) {
  const read = readSourceLocation(text, "source")
  if (!read.ok) throw new Error(read.problems.join())
  const { location, secrets } = takeSecrets(read.location)
  if (location.type !== "git") throw new Error(location.type)
  const allowedHosts = open.map(({ host }) => host)
  const deps = fetchDeps(work, { rules: { allowedHosts }, ...more })
  const source = await fetchSource(location, secrets, path.join(work, "context"), deps)
  return { ...source, said: deps.said }
}

const read = (name: string) => readFile(path.join(work, "context", name), "utf8")

describe("refs", () => {
  test("an empty ref is the default branch", async () => {
    const { base: url } = await serve()

    const source = await fetchFrom(`${url}/app.git`)

    expect(source).toMatchObject({ folder: path.join(work, "context"), revision: commits.second, branch: "trunk" })
    expect(await read("file")).toBe("2")
  })

  test.each([
    ["trunk", "second", "trunk"],
    ["feature/one", "feature", "feature/one"],
    ["refs/heads/feature/one", "feature", "feature/one"],
    ["v1", "first", undefined],
    ["v2", "second", undefined],
    ["refs/tags/v2", "second", undefined],
    ["pull/3/head", "pull", undefined],
    ["refs/pull/3/head", "pull", undefined],
    ["merge-requests/5/head", "pull", undefined],
  ] as const)("%s is fetched with nothing else", async (ref, id, branch) => {
    const { base: url } = await serve()

    const source = await fetchFrom(`${url}/app.git#${ref}`)

    expect(source.revision).toBe(commits[id])
    expect(source.branch).toBe(branch)
    expect(userGit(source.folder, "rev-list", "--all", "--count", "HEAD")).toBe("1")
  })

  test("a full commit is fetched with nothing else", async () => {
    const { base: url } = await serve()

    const source = await fetchFrom(`${url}/app.git#${commits.first}`)

    expect(source.revision).toBe(commits.first)
    expect(await read("file")).toBe("1")
    expect(userGit(source.folder, "rev-list", "--count", "HEAD")).toBe("1")
  })

  test("a short commit is found", async () => {
    const { base: url } = await serve()

    const source = await fetchFrom(`${url}/app.git#${commits.first.slice(0, 9)}`)

    expect(source.revision).toBe(commits.first)
    expect(source.branch).toBeUndefined()
  })

  test("a commit is found where the server gives out only what has a name", async () => {
    const { base: url } = await serve((request) => {
      delete request.headers["git-protocol"]
      return false
    })

    expect((await fetchFrom(`${url}/app.git#${commits.first}`)).revision).toBe(commits.first)
  })

  test("a server of files only, which knows no shallow fetch, is read in full", async () => {
    const folder = path.join(base, "served/app.git")
    userGit(folder, "update-server-info")
    const { base: url } = await serve(async (request, response) => {
      const file = path.join(base, "served", (request.url ?? "").replace(/\?.*/, ""))
      const bytes = await readFile(file).catch(() => undefined)
      response.writeHead(bytes === undefined ? 404 : 200).end(bytes)
      return true
    })

    const source = await fetchFrom(`${url}/app.git#v1`)

    expect(source.revision).toBe(commits.first)
    expect(await read("file")).toBe("1")
  })

  test("a ref that is not there is answered with the nearest names", async () => {
    const { base: url } = await serve()

    await expect(fetchFrom(`${url}/app.git#feature/on`)).rejects.toThrow(
      /no branch, tag or commit "feature\/on"; near it: "feature\/one"/,
    )
    await rm(path.join(work, "context/.git"), { recursive: true })
    await expect(fetchFrom(`${url}/app.git#${"0".repeat(40)}`)).rejects.toThrow(/no branch, tag or commit "0000/)
  })
})

describe("folders", () => {
  test.each(["src/app", "/src/app/", "link", "./src//app"])("%s is a folder of it", async (folder) => {
    const { base: url } = await serve()

    const source = await fetchFrom(`${url}/app.git#trunk:${folder}`)

    expect(source.folder).toBe(path.join(work, "context/src/app"))
  })

  test.each([
    ["src/ap", /no folder "src\/ap"; there is "src\/app"/],
    ["file", /is a file of the repository/],
    ["../..", /leads out/],
    [".git", /leads out/],
    [".git/refs", /leads out/],
  ])("%s is none", async (folder, message) => {
    const { base: url } = await serve()

    await expect(fetchFrom(`${url}/app.git#trunk:${folder}`)).rejects.toThrow(message)
  })

  test("a link out of the repository is refused, as in an archive", async () => {
    repository("leaving", { "a/out": "->../../etc" })
    const { base: url } = await serve()

    await expect(fetchFrom(`${url}/leaving.git`)).rejects.toThrow(
      /repository holds a link that points out of it, "a\/out"/,
    )
  })

  test("more entries or bytes than allowed are refused before they are written", async () => {
    const { base: url } = await serve()
    const few = { maxBytes: 1000, maxEntries: 2, maxRatio: 10 }
    const small = { maxBytes: 10, maxEntries: 100, maxRatio: 10 }

    await expect(fetchFrom(`${url}/app.git`, { limits: few })).rejects.toThrow(/more than 2 entries/)
    expect(await readdir(path.join(work, "context"))).toEqual([".git"])
    await rm(path.join(work, "context/.git"), { recursive: true })
    await expect(fetchFrom(`${url}/app.git`, { limits: small })).rejects.toThrow(/more than 10 bytes/)
  })
})

describe("sizes", () => {
  test("a repository that packs well is measured by what it holds", async () => {
    repository("zeros", { zeros: "0".repeat(100_000) })
    const { base: url } = await serve()
    const limits = { maxBytes: 50_000, maxEntries: 100, maxRatio: 10 }

    await expect(fetchFrom(`${url}/zeros.git`, { limits })).rejects.toThrow(/holds more than 50000 bytes/)
  })

  test("one that packs badly is stopped by what arrives", async () => {
    repository("noise", { noise: randomBytes(2_000_000).toString("base64") })
    const { base: url } = await serve()
    const limits = { maxBytes: 50_000, maxEntries: 100, maxRatio: 10 }

    await expect(fetchFrom(`${url}/noise.git`, { limits })).rejects.toThrow(/larger than the limit/)
  })
})

describe("tokens", () => {
  const basic = `Basic ${Buffer.from("dummy:t0k3n").toString("base64")}`
  const guard: Intercept = (request, response) => {
    if (request.headers.authorization === basic) return false
    response.writeHead(401, { "www-authenticate": 'Basic realm="git"' }).end()
    return true
  }

  test("a token goes by header over TLS and stands in no argument, URL or file", async () => {
    const { tls, caFile } = await makeCertificate(work)
    const server = await serve(guard, tls)
    const recorded = recordingGit()

    const source = await fetchFrom(`https://t0k3n@${server.host}/app.git`, { caFile, path: recorded.path })

    expect(source.revision).toBe(commits.second)
    expect(server.seen.every(({ authorization }) => authorization === basic)).toBe(true)
    expect(await recorded.args()).toContain("fetch")
    expect(await recorded.args()).not.toContain("t0k3n")
    expect(await everythingIn(path.join(work, "context"))).not.toContain("t0k3n")
  })

  test.each([
    ["app", "", /not found, or it is private/],
    ["app", "wr0ng@", /authentication failed/],
  ])("%s with %j is refused with what to mend", async (name, login, message) => {
    const { host } = await serve(guard)

    await expect(fetchFrom(`http://${login}${host}/${name}.git`)).rejects.toThrow(message)
  })

  test("a repository that is not there", async () => {
    const { base: url } = await serve()

    const failure = fetchFrom(`${url}/absent.git`)

    await expect(failure).rejects.toBeInstanceOf(ContextError)
    await expect(failure).rejects.toThrow(/absent\.git" was not found/)
  })
})

describe("redirects", () => {
  test("a repository that has moved on its host is followed, the token with it", async () => {
    const server = await serve((request, response) => {
      if (!request.url?.startsWith("/old.git")) return false
      response.writeHead(301, { location: request.url.replace("/old.git", "/app.git") }).end()
      return true
    })

    const source = await fetchFrom(`http://t0k3n@${server.host}/old.git#v1`)

    expect(source.revision).toBe(commits.first)
    expect(server.seen.at(-1)?.authorization).toMatch(/^Basic /)
    expect(userGit(source.folder, "remote", "get-url", "origin")).toBe(`${server.base}/app.git`)
  })

  test("a token never follows a redirect to another host", async () => {
    const target = await serve()
    const server = await serve((request, response) => {
      response.writeHead(302, { location: `${target.base}${request.url}` }).end()
      return true
    })

    const source = await fetchFrom(`http://t0k3n@${server.host}/app.git`)

    expect(source.revision).toBe(commits.second)
    expect(target.seen.length).toBeGreaterThan(0)
    expect(target.seen.filter(({ authorization }) => authorization !== undefined)).toEqual([])
  })

  test("a redirect to an address that runs must not reach is refused", async () => {
    const target = await serve()
    const server = await serve((request, response) => {
      response.writeHead(302, { location: `${target.base}${request.url}` }).end()
      return true
    })

    const rules = { allowedHosts: [server.host] }

    await expect(fetchFrom(`${server.base}/app.git`, { rules })).rejects.toThrow(/private address/)
    expect(target.seen).toEqual([])
  })
})

describe("hosts", () => {
  test("a private address is refused unless the operator opened it", async () => {
    const { base: url, seen } = await serve()

    await expect(fetchFrom(`${url}/app.git`, { rules: { allowedHosts: [] } })).rejects.toThrow(/uses http:\/\//)
    await expect(
      fetchFrom(url.replace("http:", "https:").concat("/app.git"), { rules: { allowedHosts: [] } }),
    ).rejects.toThrow(/"127\.0\.0\.1" is a private address/)
    expect(seen).toEqual([])
  })

  test("git connects to the address that was checked and looks nothing up again", async () => {
    const { port } = await serve()
    const asked: string[] = []
    const resolve = async (name: string) => {
      asked.push(name)
      return [{ address: "127.0.0.1", family: 4 }]
    }

    const rules = { allowedHosts: ["repo.test"], resolve }
    const source = await fetchFrom(`http://repo.test:${port}/app.git`, { rules })

    expect(source.revision).toBe(commits.second)
    expect(asked).toEqual(["repo.test"])
  })
})

describe("submodules", () => {
  test("are fetched with their own, relative addresses and the token included", async () => {
    const leaf = repository("leaf", { "leaf.txt": "leaf" })
    const middle = repository(
      "middle",
      { "middle.txt": "middle", ".gitmodules": '[submodule "l"]\n\tpath = deep/leaf\n\turl = ../leaf.git\n' },
      { "deep/leaf": leaf },
    )
    repository("top", { ".gitmodules": '[submodule "m"]\n\tpath = middle\n\turl = ./../middle.git\n' }, { middle })
    const server = await serve()

    await fetchFrom(`http://t0k3n@${server.host}/top.git`)

    expect(await read("middle/middle.txt")).toBe("middle")
    expect(await read("middle/deep/leaf/leaf.txt")).toBe("leaf")
    expect(server.seen.every(({ authorization }) => authorization !== undefined)).toBe(true)
  })

  test("of another host get no token", async () => {
    const other = await serve()
    repository(
      "foreign",
      { ".gitmodules": `[submodule "m"]\n\tpath = m\n\turl = ${other.base}/app.git\n` },
      { m: commits.first },
    )
    const server = await serve()

    await fetchFrom(`http://t0k3n@${server.host}/foreign.git`)

    expect(await read("m/file")).toBe("1")
    expect(other.seen.filter(({ authorization }) => authorization !== undefined)).toEqual([])
  })

  test.each([
    ["file", "file:///etc", /Submodule "m": "file:\/\/\/etc" is no way to a repository/],
    ["local", "/etc", /is no way to a repository/],
    ["private", "https://169.254.169.254/x.git", /Submodule "m": The host "169\.254\.169\.254" is a private address/],
    ["dash", "ssh://-oProxyCommand=x/y", /is no way to a repository/],
    ["ext", "ext::sh -c id", /is no way to a repository/],
    ["above", "../../../../x.git", /leads above its host/],
  ])("%s addresses are refused by the same rules", async (name, url, message) => {
    const modules = `[submodule "m"]\n\tpath = m\n\turl = ${url}\n`
    repository(`bad-${name}`, { ".gitmodules": modules }, { m: "1".repeat(40) })
    const server = await serve()

    await expect(fetchFrom(`${server.base}/bad-${name}.git`)).rejects.toThrow(message)
  })

  test("a link in one may lead to another but not out of the source", async () => {
    const inner = repository("inner-link", { "up/link": "->../../top.txt" })
    const modules = '[submodule "m"]\n\tpath = m\n\turl = ../inner-link.git\n'
    repository("outer-link", { ".gitmodules": modules, "top.txt": "top" }, { m: inner })
    const server = await serve()

    await fetchFrom(`${server.base}/outer-link.git`)

    expect(await read("m/up/link")).toBe("top")
  })
})

describe("what a repository must not do", () => {
  test("no hook of anybody runs and nothing of the user's configuration counts", async () => {
    const home = path.join(work, "home")
    mkdirSync(path.join(home, "hooks"), { recursive: true })
    writeFileSync(path.join(home, ".gitconfig"), `[core]\n\thooksPath = ${home}/hooks\n`)
    writeFileSync(path.join(home, "hooks/post-checkout"), `#!/bin/sh\ntouch ${work}/ran\n`, { mode: 0o755 })
    const server = await serve()

    await fetchFrom(`${server.base}/app.git`)

    expect(await readdir(work)).not.toContain("ran")
    expect(await readdir(path.join(work, "context/.git"))).not.toContain("hooks")
    expect((await readdir(work)).filter((name) => name.startsWith("git-home-"))).toEqual([])
  })

  test("an abort ends git and what it started at once", async () => {
    const controller = new AbortController()
    const reached = Promise.withResolvers<void>()
    const server = await serve(() => {
      reached.resolve()
      return true
    })

    const failure = fetchFrom(`${server.base}/app.git#trunk`, { signal: controller.signal })
    await reached.promise
    controller.abort(new Error("canceled"))

    await expect(failure).rejects.toThrow("canceled")
    expect(await commandLines()).not.toContain(server.base)
  })

  test("a source that takes too long is given up with the limit", async () => {
    const server = await serve(() => true)

    await expect(fetchFrom(`${server.base}/app.git#trunk`, { timeoutMs: 300 })).rejects.toThrow(
      /took longer than 0\.3 seconds/,
    )
  })
})

describe("ssh", () => {
  /** In place of ssh: notes how it is called and runs what was to run there. */
  function standIn() {
    const folder = path.join(work, "bin")
    mkdirSync(folder)
    const served = path.join(base, "served")
    const script = `#!/bin/sh
printf '%s\\n' "$@" > '${work}/ssh-args'
for last; do :; done
eval "set -- $last"
exec "$1" "${served}/$(basename "$2")"
`
    writeFileSync(path.join(folder, "ssh"), script, { mode: 0o755 })
    return `${folder}:${process.env.PATH}`
  }
  const resolve = async () => [{ address: "127.0.0.1", family: 4 }]
  const rules = { allowedHosts: ["host.test"], resolve }
  const ssh = { privateKey: "a key", knownHosts: "hosts" }

  test.each([
    ["git@host.test:team/app.git#v1", "host.test", undefined],
    ["ssh://git@host.test:2222/team/app.git#v1", "[host.test]:2222", "2222"],
  ])("%s is fetched with our key from a known host only", async (text, alias, port) => {
    const source = await fetchFrom(text, { rules, ssh, path: standIn() })

    const args = (await readFile(path.join(work, "ssh-args"), "utf8")).split("\n")
    expect(source.revision).toBe(commits.first)
    expect(args).toEqual(expect.arrayContaining(["-F", "/dev/null", "BatchMode=yes", "StrictHostKeyChecking=yes"]))
    expect(args.join("\n")).toMatch(/IdentityFile="[^"]*\/git-home-[^"]*\/ssh-key"/)
    expect(args).toEqual(expect.arrayContaining(["HostName=127.0.0.1", `HostKeyAlias=${alias}`, "git@host.test"]))
    if (port !== undefined) expect(args).toEqual(expect.arrayContaining(["-p", port]))
  })

  test("a private address is refused", async () => {
    const closed = { allowedHosts: [], resolve }

    await expect(fetchFrom("git@host.test:team/app.git", { rules: closed, ssh })).rejects.toThrow(
      /"host\.test" leads to the private address 127\.0\.0\.1/,
    )
  })
})

describe("large files", () => {
  const content = Buffer.from("a large file")
  const oid = createHash("sha256").update(content).digest("hex")
  const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${content.length}\n`
  const files = {
    ".gitattributes": "*.bin filter=lfs diff=lfs merge=lfs -text\n",
    "data/x.bin": pointer,
    "y.bin": "small",
  }

  const offer =
    (header: Record<string, string>, body = content): Intercept =>
    async (request, response) => {
      const origin = `http://${request.headers.host}`
      if (request.url === "/large.git/info/lfs/objects/batch") {
        const asked = JSON.parse((await readBody(request, 10_000)).toString())
        const objects = asked.objects.map((one: { oid: string; size: number }) => ({
          ...one,
          actions: { download: { href: `${origin}/store/${one.oid}`, header } },
        }))
        response.setHeader("content-type", "application/vnd.git-lfs+json").end(JSON.stringify({ objects }))
        return true
      }
      if (request.url !== `/store/${oid}`) return false
      response.end(body)
      return true
    }

  beforeAll(() => void repository("large", files))

  test("take the place of their pointers, checked", async () => {
    const server = await serve(offer({ "X-Signed": "yes" }))

    await fetchFrom(`${server.base}/large.git`)

    expect(await read("data/x.bin")).toBe("a large file")
    expect(await read("y.bin")).toBe("small")
  })

  test("that are something else are refused", async () => {
    const server = await serve(offer({}, Buffer.from("a large lie.")))

    await expect(fetchFrom(`${server.base}/large.git`)).rejects.toThrow(
      /something else for the large file "data\/x\.bin"/,
    )
  })

  test("at an address that runs must not reach are refused", async () => {
    const server = await serve(async (request, response) => {
      if (!request.url?.includes("/info/lfs/")) return false
      const actions = { download: { href: "https://169.254.169.254/metadata" } }
      response.end(JSON.stringify({ objects: [{ oid, size: content.length, actions }] }))
      return true
    })

    await expect(fetchFrom(`${server.base}/large.git`)).rejects.toThrow(/private address/)
  })

  test("stay pointers with a warning where the server has none", async () => {
    const server = await serve((request, response) => {
      if (!request.url?.includes("/info/lfs/")) return false
      response.writeHead(404).end()
      return true
    })

    const { said } = await fetchFrom(`${server.base}/large.git`)

    expect(await read("data/x.bin")).toBe(pointer)
    expect(said).toEqual([expect.stringMatching(/^WARNING: .*stay pointers/)])
  })
})

/** A `git` in front of the real one that notes what it is called with. */
function recordingGit() {
  const folder = path.join(work, "bin")
  const log = path.join(work, "args")
  mkdirSync(folder)
  const real = execFileSync("sh", ["-c", "command -v git"], { encoding: "utf8" }).trim()
  writeFileSync(path.join(folder, "git"), `#!/bin/sh\nprintf '%s\\n' "$*" >> '${log}'\nexec '${real}' "$@"\n`)
  chmodSync(path.join(folder, "git"), 0o755)
  return { path: `${folder}:${process.env.PATH}`, args: () => readFile(log, "utf8") }
}

/** Of every process of this machine. */
async function commandLines(): Promise<string> {
  const ids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name))
  const lines = await Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, "utf8").catch(() => "")))
  return lines.join("\n")
}

async function everythingIn(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  const texts = await Promise.all(files.map(({ parentPath, name }) => readFile(path.join(parentPath, name), "latin1")))
  return texts.join("\n")
}
