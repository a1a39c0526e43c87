import { execFileSync } from "node:child_process"
import { createHash } from "node:crypto"
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs"
import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import type { FetchDeps } from "../../../builder/context/fetch-deps.ts"
import { fetchSource } from "../../../builder/context/fetch-source.ts"
import { readBody } from "../../../builder/context/guarded-request.ts"
import { keyLines } from "../../../builder/secrets-of.ts"
import { readSourceLocation } from "../../../shared/contexts/read-source-location.ts"
import { takeSecrets } from "../../../shared/contexts/take-secrets.ts"
import { fetchDeps } from "./fetch-deps.ts"
import { serveGit, userGit } from "./git-server.ts"
import { makeKey, type SshServer, serveSsh } from "./ssh-server.ts"

let base: string
let work: string
let server: SshServer
let first: string

beforeAll(async () => {
  base = await mkdtemp(path.join(tmpdir(), "fetch git %d-"))
  mkdirSync(path.join(base, "served"))
  first = repository("app", { file: "1" })
  server = await serveSsh(path.join(base, "served"), base)
})
afterAll(async () => {
  await server.close()
  await rm(base, { recursive: true, force: true })
})
beforeEach(async () => {
  work = await mkdtemp(path.join(base, "work-"))
  await mkdir(path.join(work, "context"))
})

/** A repository made of files, with submodules; returns its one commit. */
function repository(name: string, files: Record<string, string>, modules: Record<string, string> = {}): string {
  const folder = path.join(base, `seed-${name}`)
  mkdirSync(folder)
  userGit(folder, "init", "--quiet", "--initial-branch=main")
  for (const [file, content] of Object.entries(files)) writeFileSync(path.join(folder, file), content)
  userGit(folder, "add", "--all")
  for (const [module, id] of Object.entries(modules)) {
    userGit(folder, "update-index", "--add", "--cacheinfo", `160000,${id},${module}`)
  }
  userGit(folder, "commit", "--quiet", "-m", "one")
  userGit(base, "clone", "--quiet", "--mirror", folder, path.join(base, "served", `${name}.git`))
  return userGit(folder, "rev-parse", "HEAD")
}

const access = () => ({ privateKey: server.privateKey, knownHosts: server.knownHost("repo.test") })

async function fetchFrom(text: string, more: Partial<FetchDeps> = {}) {
  const read = readSourceLocation(text, "source")
  if (!read.ok) throw new Error(read.problems.join())
  const { location, secrets } = takeSecrets(read.location)
  if (location.type !== "git") throw new Error(location.type)
  const resolve = async () => [{ address: "127.0.0.1", family: 4 }]
  const rules = { allowedHosts: ["repo.test", "other.test", "127.0.0.1"], resolve }
  const deps = fetchDeps(work, { rules, ssh: access(), ...more })
  const source = await fetchSource(location, secrets, path.join(work, "context"), deps)
  return { ...source, said: deps.said }
}

const read = (name: string) => readFile(path.join(work, "context", name), "utf8")

async function everythingIn(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  return (await Promise.all(files.map((file) => readFile(path.join(file.parentPath, file.name), "latin1")))).join("\n")
}

describe("a repository by ssh", () => {
  test("is fetched, and the key shows nowhere but in a file of this user that goes again", async () => {
    const source = await fetchFrom(`${server.base("repo.test")}/team/app.git`)

    expect(source).toMatchObject({ revision: first, branch: "main" })
    expect(await read("file")).toBe("1")
    expect(server.commands()).toContain("git-upload-pack '/team/app.git'")
    expect(new Set(server.keyModes())).toEqual(new Set(["600"]))
    expect(await readdir(work)).toEqual(["context"])
    const shown = server.seen() + (await everythingIn(path.join(work, "context")))
    expect(server.seen()).toContain("StrictHostKeyChecking=yes")
    expect(keyLines(access()).length).toBeGreaterThan(2)
    for (const line of keyLines(access())) expect(shown).not.toContain(line)
  })

  test("is fetched at a commit, from a name in capital letters", async () => {
    const source = await fetchFrom(`${server.base("REPO.test")}/team/app.git#${first}`)

    expect(source.revision).toBe(first)
  })

  test("is fetched from another of its host's addresses when the first does not answer", async () => {
    const resolve = async () => [
      { address: "127.0.0.2", family: 4 },
      { address: "127.0.0.1", family: 4 },
    ]

    const source = await fetchFrom(`${server.base("repo.test")}/team/app.git`, {
      rules: { allowedHosts: ["repo.test"], resolve },
    })

    expect(source.revision).toBe(first)
  })

  test("brings submodules of the same host, relative and absolute", async () => {
    const modules = [
      '[submodule "a"]\n\tpath = a\n\turl = ../app.git\n',
      `[submodule "b"]\n\tpath = b\n\turl = ${server.base("repo.test")}/team/app.git\n`,
    ]
    repository("outer", { ".gitmodules": modules.join("") }, { a: first, b: first })

    await fetchFrom(`${server.base("repo.test")}/team/outer.git`)

    expect(await read("a/file")).toBe("1")
    expect(await read("b/file")).toBe("1")
  })
})

describe("a repository by ssh that cannot be fetched", () => {
  /** What the server says of the connections that a test makes. */
  const since = () => {
    const from = server.log().length
    return () => server.log().slice(from)
  }

  test.each([
    [
      "there is no key",
      () => ({ problem: "there is no SSH key: SLIPWAY_SSH_KEY" }),
      /no SSH key: SLIPWAY_SSH_KEY.* use https/,
    ],
    [
      "its host is not among the known ones",
      () => ({ ...access(), knownHosts: server.knownHost("elsewhere.test") }),
      /the key of "repo\.test:\d+" is not in SLIPWAY_SSH_KNOWN_HOSTS .*ssh-keyscan/,
    ],
    [
      "its host has another key",
      () => {
        makeKey(path.join(work, "other"))
        return { ...access(), knownHosts: `[repo.test]:${server.port} ${readFileSync(path.join(work, "other.pub"))}` }
      },
      /is another than the one in SLIPWAY_SSH_KNOWN_HOSTS .*in between/,
    ],
    [
      "its host refuses the key",
      () => ({ ...access(), privateKey: makeKey(path.join(work, "other")) }),
      /"repo\.test:\d+" refused the key of SLIPWAY_SSH_KEY .*deploy key/,
    ],
  ])("because %s", async (_, ssh, message) => {
    await expect(fetchFrom(`${server.base("repo.test")}/team/app.git`, { ssh: ssh() })).rejects.toThrow(message)
    expect((await readdir(work)).filter((name) => name.startsWith("git-home"))).toEqual([])
  })

  test("because the builder has no ssh", async () => {
    const bin = path.join(work, "bin")
    mkdirSync(bin)
    symlinkSync(execFileSync("sh", ["-c", "command -v git"], { encoding: "utf8" }).trim(), path.join(bin, "git"))

    await expect(fetchFrom(`${server.base("repo.test")}/team/app.git`, { path: bin })).rejects.toThrow(
      /this builder has no ssh: install openssh-client/,
    )
  })

  test("because it is not there", async () => {
    await expect(fetchFrom(`${server.base("repo.test")}/team/absent.git`)).rejects.toThrow(
      /absent\.git" was not found, or this builder's SSH key may not read it/,
    )
  })

  test("because nobody listens", async () => {
    const resolve = async () => [{ address: "127.0.0.2", family: 4 }]

    await expect(
      fetchFrom(`${server.base("repo.test")}/team/app.git`, { rules: { allowedHosts: ["repo.test"], resolve } }),
    ).rejects.toThrow(/cannot be reached/)
  })

  test("because its address is private: nothing connects", async () => {
    const said = since()

    await expect(
      fetchFrom(`${server.base("127.0.0.1")}/team/app.git`, { rules: { allowedHosts: [] } }),
    ).rejects.toThrow(/"127\.0\.0\.1" is a private address/)
    expect(said()).toBe("")
  })

  test("because a submodule lies on a host that the operator has not named: it never sees the key", async () => {
    const modules = `[submodule "m"]\n\tpath = m\n\turl = ${server.base("other.test")}/team/app.git\n`
    repository("foreign", { ".gitmodules": modules }, { m: first })

    const said = since()
    await expect(fetchFrom(`${server.base("repo.test")}/team/foreign.git`)).rejects.toThrow(
      /Submodule "m": .*the key of "other\.test:\d+" is not in SLIPWAY_SSH_KNOWN_HOSTS/,
    )
    // The repository and the name of its branch.
    expect(said().match(/Accepted publickey/g)).toHaveLength(2)
    expect(said()).not.toContain("Failed publickey")
  })
})

describe("large files of a repository by ssh", () => {
  const content = Buffer.from("a large file")
  const oid = createHash("sha256").update(content).digest("hex")
  const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${content.length}\n`

  beforeAll(() => void repository("large", { ".gitattributes": "*.bin filter=lfs -text\n", "it.bin": pointer }))

  test("stay pointers with a warning where the host offers none", async () => {
    const { said } = await fetchFrom(`${server.base("repo.test")}/team/large.git`)

    expect(await read("it.bin")).toBe(pointer)
    expect(said).toEqual([
      expect.stringMatching(/^WARNING: .*stay pointers: .*git-lfs-authenticate: command not found/),
    ])
  })

  test("come from where their host says, with what it gives for that", async () => {
    const seen: string[] = []
    const lfs = await serveGit(base, {
      async intercept(request, response) {
        seen.push(`${request.method} ${request.url} ${request.headers.authorization}`)
        if (request.method === "GET") return response.end(content) !== undefined
        const asked = JSON.parse((await readBody(request, 10_000)).toString())
        const href = `http://${request.headers.host}/store/${oid}`
        const objects = asked.objects.map((one: object) => ({ ...one, actions: { download: { href } } }))
        response.end(JSON.stringify({ objects }))
        return true
      },
    })
    try {
      server.answerLfs({ href: `${lfs.base}/team/large/info/lfs`, header: { Authorization: "RemoteAuth t1cket" } })

      await fetchFrom(`${server.base("repo.test")}/team/large.git`)

      expect(await read("it.bin")).toBe("a large file")
      expect(server.commands()).toContain("git-lfs-authenticate '/team/large.git' download")
      expect(seen).toEqual([
        "POST /team/large/info/lfs/objects/batch RemoteAuth t1cket",
        `GET /store/${oid} RemoteAuth t1cket`,
      ])
    } finally {
      await lfs.close()
    }
  })

  test.each([
    [{ href: "http://elsewhere.test/lfs" }, /lie at http:\/\/, which is not fetched/],
    [{ href: "https://169.254.169.254/lfs" }, /private address/],
    [{ link: "x" }, /git-lfs-authenticate .* cannot be read/],
  ])("are not fetched from %j", async (answer, message) => {
    server.answerLfs(answer)

    await expect(fetchFrom(`${server.base("repo.test")}/team/large.git`)).rejects.toThrow(message)
  })
})
