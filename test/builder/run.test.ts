import { setTimeout as delay } from "node:timers/promises"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import type { BuilderConfig } from "../../builder/config.ts"
import { EngineError } from "../../builder/engine/engine-error.ts"
import { type RunDeps, runBuilder } from "../../builder/run.ts"
import type { RunSpec } from "../../shared/builders/run-spec.ts"
import type { BuildWork } from "../../shared/builders/run-work.ts"
import { type Entry, makeTarGz } from "./context/make-tar.ts"
import {
  BASE_DIGEST,
  createFakeEngine,
  type FakeEngine,
  makeWorkFolder,
  PUSHED_DIGEST,
  startArchiveServer,
  startService,
} from "./fakes.ts"
import { type AppendServer, startAppendServer } from "./log/append-server.ts"

const RUN_TOKEN = "run-token-1234567890"
const PASSWORD = "registry-passw0rd"

let service: Awaited<ReturnType<typeof startService>>
let archives: Awaited<ReturnType<typeof startArchiveServer>>
let logs: AppendServer
let fake: FakeEngine
let folder: Awaited<ReturnType<typeof makeWorkFolder>>
let spec: RunSpec
let notes: string[]
let terminate: AbortController

const FILES: Entry[] = [
  { name: "/", type: "5" },
  { name: "abc_Dockerfile", content: "FROM reg.example:5000/base:1\n" },
]
const BUILD: BuildWork = {
  type: "build",
  isPushed: true,
  dockerFilePath: "abc_Dockerfile",
  imageNames: ["hello:{{.Run.ID}}", "hello"],
  arguments: [
    { name: "MODE", value: "release", isSecret: false },
    { name: "NPM_TOKEN", value: "npm-s3cret", isSecret: false },
    { name: "X", value: "x-s3cret", isSecret: true },
  ],
  noCache: false,
}

beforeEach(async () => {
  archives = await startArchiveServer(makeTarGz(FILES))
  logs = await startAppendServer()
  folder = await makeWorkFolder()
  fake = createFakeEngine()
  notes = []
  terminate = new AbortController()
  spec = {
    v: 2,
    kind: "build",
    runId: "ca1",
    registryName: "reg",
    loginServer: "reg.example:5000",
    createdAt: "2026-11-20T13:14:22Z",
    platform: { os: "linux", architecture: "arm", variant: "v7" },
    timeoutSeconds: 300,
    source: { type: "upload", url: archives.url },
    ssh: { problem: "there is no SSH key" },
    allowedHosts: [],
    steps: { rights: [], maxProcesses: 100 },
    contextLimits: { maxBytes: 1_000_000, maxEntries: 100, maxRatio: 100 },
    work: BUILD,
    logins: [{ loginServer: "reg.example:5000", userName: "me", password: PASSWORD }],
    insecureRegistries: [],
    isCacheEnabled: true,
    log: { url: logs.url, maxBytes: 100_000 },
    heartbeatSeconds: 0.01,
  }
  service = await startService(() => spec)
})
afterEach(async () => {
  await Promise.all([service.close(), archives.close(), logs.close(), folder.remove()])
})

type Changes = { config?: Partial<BuilderConfig> } & Partial<Omit<RunDeps, "config">>

function run(changes: Changes = {}): Promise<number> {
  return runBuilder(depsOf(changes))
}

function depsOf(changes: Changes = {}): RunDeps {
  const config: BuilderConfig = {
    runUrl: service.runUrl,
    runToken: RUN_TOKEN,
    workFolder: folder.path,
    engine: undefined,
    caFile: undefined,
    environment: {},
    outageMs: 2000,
    finishMs: 2000,
    log: { batchMs: 1, slowBatchMs: 1, fastAppends: 10 },
    ...changes.config,
  }
  return {
    openEngine: () => Promise.resolve(fake.engine),
    signal: terminate.signal,
    note: (text) => notes.push(text),
    retries: { attempts: 3, firstDelayMs: 1 },
    backOff: { firstDelayMs: 2, maxDelayMs: 20 },
    graceMs: 50,
    ...changes,
    config,
  }
}

const logLines = () =>
  logs
    .text()
    .split("\r\n")
    .map((line) =>
      line
        .replace(/^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d /, "")
        .replace(/\d+\.\d{6}/, "0")
        .replace(/after \d+s/, "after 0s"),
    )
const lastLine = () => logLines().at(-2)
const finished = () => service.events.find((event) => event.type === "finished")

async function expectNothingLeft(): Promise<void> {
  expect(fake.disposed).toBe(1)
  expect(await folder.list()).toEqual([])
  const beats = service.callsOf("heartbeat").length
  await delay(40)
  expect(service.callsOf("heartbeat").length).toBe(beats)
}

describe("a run that succeeds", () => {
  it("builds, pushes every tag and reports images and dependencies in order", async () => {
    const exitCode = await run()

    expect(exitCode).toBe(0)
    expect(fake.asked).toEqual([
      "login reg.example:5000",
      "build reg.example:5000/hello:ca1 reg.example:5000/hello:latest",
      "push reg.example:5000/hello:ca1 sha256:1",
      "push reg.example:5000/hello:latest sha256:1",
    ])
    expect(fake.lastBuild).toMatchObject({
      platforms: ["linux/arm/v7"],
      noCache: false,
      cache: { isRead: true, isWritten: true },
      contextFolder: `${folder.path}/context`,
      dockerfilePath: `${folder.path}/context/abc_Dockerfile`,
      buildArguments: [
        { name: "MODE", value: "release" },
        { name: "NPM_TOKEN", value: "npm-s3cret" },
        { name: "X", value: "x-s3cret" },
      ],
    })
    const image = { registry: "reg.example:5000", repository: "hello", digest: PUSHED_DIGEST }
    const runtime = { registry: "reg.example:5000", repository: "base", tag: "1", digest: BASE_DIGEST }
    expect(service.events.map(({ type, seq }) => [seq, type])).toEqual([
      [1, "started"],
      [2, "finished"],
    ])
    expect(finished()).toMatchObject({
      outcome: "Succeeded",
      images: [
        { ...image, tag: "ca1" },
        { ...image, tag: "latest" },
      ],
      dependencies: [
        { image: { ...image, tag: "ca1" }, runtime, buildtime: [] },
        { image: { ...image, tag: "latest" }, runtime, buildtime: [] },
      ],
    })
    expect(finished()).not.toHaveProperty("message")
    await expectNothingLeft()
  })

  it("writes the log in ACR's words", async () => {
    await run()

    expect(logLines()).toEqual([
      "Engine: it answered first; layer cache in the registry",
      "Downloading source code...",
      "Finished downloading source code",
      "Setting up Docker configuration...",
      "Successfully set up Docker configuration",
      "Logging in to registry: reg.example:5000",
      "Successfully logged into reg.example:5000",
      "Executing step ID: build. Timeout(sec): 300, Working directory: '', Network: ''",
      "#1 [1/1] FROM base",
      "Successfully executed container: build",
      "Executing step ID: push. Timeout(sec): 300, Working directory: '', Network: ''",
      "Pushing image: reg.example:5000/hello:ca1, attempt 1",
      "Successfully pushed image: reg.example:5000/hello:ca1",
      "Pushing image: reg.example:5000/hello:latest, attempt 1",
      "Successfully pushed image: reg.example:5000/hello:latest",
      "Step ID: build marked as successful (elapsed time in seconds: 0)",
      "Populating digests for step ID: build...",
      "Successfully populated digests for step ID: build",
      "Step ID: push marked as successful (elapsed time in seconds: 0)",
      "The following dependencies were found:",
      "",
      ...["ca1", "latest"].flatMap((tag) => [
        "- image:",
        "    registry: reg.example:5000",
        "    repository: hello",
        `    tag: ${tag}`,
        `    digest: ${PUSHED_DIGEST}`,
        "  runtime-dependency:",
        "    registry: reg.example:5000",
        "    repository: base",
        "    tag: 1",
        `    digest: ${BASE_DIGEST}`,
        "  git: {}",
      ]),
      "",
      "Run ID: ca1 was successful after 0s",
      "",
    ])
  })

  it("shows its token to the service only and no secret to anybody", async () => {
    fake.onBuild = (options) => {
      const secrets = [RUN_TOKEN, PASSWORD, "npm-s3cret", "x-s3cret", "contextSignature", btoa(`me:${PASSWORD}`)]
      for (const secret of secrets) options.onLine(`printed ${secret} here`, "stdout")
      return Promise.reject(new EngineError("BuildFailed", `process "curl -u me:${PASSWORD}" failed`))
    }

    await run()

    const seen = logs.text() + JSON.stringify(service.events) + notes.join("")
    for (const secret of [RUN_TOKEN, PASSWORD, "s3cret", "contextSignature", btoa(PASSWORD)])
      expect(seen).not.toContain(secret)
    expect(logLines().filter((line) => line === "printed *** here")).toHaveLength(6)
    expect(finished()).toMatchObject({ message: 'failed to run step ID: build: process "curl -u ***" failed' })
    expect(service.calls.every(({ token }) => token === `Bearer ${RUN_TOKEN}`)).toBe(true)
  })

  it("masks what stands on the border of two pieces of a line, secrets and plain arguments, and keeps the line whole", async () => {
    const value = "a-plain-value-of-an-argument"
    spec = { ...spec, work: { ...BUILD, arguments: [{ name: "A", value, isSecret: false }] } }
    fake.onBuild = async (options) => {
      options.onLine(`${value} ${PASSWORD} ${PASSWORD.slice(0, 9)}`, "stderr", true)
      options.onLine(`${PASSWORD.slice(9)} ${value.slice(0, 9)}`, "stderr", true)
      options.onLine(`${value.slice(9)} end`, "stderr", false)
      return { imageId: "sha256:1", bases: [] }
    }

    await run()

    expect(logLines()).toContain("*** *** *** *** end")
  })

  it("masks plain arguments also where it says why it tries again", async () => {
    const value = "a-plain-value-of-an-argument"
    spec = { ...spec, work: { ...BUILD, arguments: [{ name: "A", value, isSecret: false }] } }
    fake.onLogin = () => Promise.reject(new EngineError("RegistryUnavailable", `no such host: ${value}`))
    await run()
    fake.onLogin = () => Promise.resolve()
    fake.onBuild = () => Promise.reject(new EngineError("RegistryUnavailable", `no such host: ${value}`))
    await run()

    expect(logLines()).toContain("The registry was not reached and is tried again: no such host: ***")
    expect(logLines()).toContain("The build could not reach what it needs and is tried again: no such host: ***")
    expect(logs.text()).not.toContain(value)
  })

  it("reports no image name with a secret in it", async () => {
    await archives.close()
    archives = await startArchiveServer(
      makeTarGz([
        {
          name: "abc_Dockerfile",
          content: "ARG X\nFROM reg.example:5000/base:$X AS one\nFROM reg.example:5000/$X\nCOPY --from=one /a /a\n",
        },
      ]),
    )
    const names = ["hello:x-s3cret"]
    fake.onBuild = () => Promise.resolve({ imageId: "sha256:1", bases: [] })
    spec = {
      ...spec,
      source: { type: "upload", url: archives.url },
      work: { ...BUILD, imageNames: names },
    }

    await run()

    const own = { registry: "reg.example:5000", repository: "hello", tag: "***", digest: PUSHED_DIGEST }
    expect(finished()).toMatchObject({
      images: [own],
      dependencies: [{ image: own, runtime: { repository: "***" }, buildtime: [{ repository: "base", tag: "***" }] }],
    })
    expect(logs.text() + JSON.stringify(service.events)).not.toContain("x-s3cret")
  })

  it("masks a cause before it is shortened, so that no part of a secret is left where it is cut", async () => {
    const secret = "cut-s3cret-".repeat(10)
    spec = { ...spec, work: { ...BUILD, arguments: [{ name: "X", value: secret, isSecret: true }] } }
    for (const length of [950, 4020]) {
      fake.onBuild = () =>
        Promise.reject(new EngineError("BuildFailed", `${"x".repeat(length)} ${secret} ${"y".repeat(5000)}`))
      await run()
    }

    expect(logs.text() + JSON.stringify(service.events)).not.toContain("s3cret")
    const [message] = service.events.flatMap((event) => (event.type === "finished" ? [event.message ?? ""] : []))
    expect(message).toMatch(/x{950} \*\*\* y+…$/)
    expect(message).toHaveLength(4096)
  })

  it("masks a cause before its white space is joined, and knows secrets whose white space was joined", async () => {
    const secret = "two  spaces\tand-a-tab"
    spec = { ...spec, work: { ...BUILD, arguments: [{ name: "X", value: secret, isSecret: true }] } }
    fake.onBuild = () =>
      Promise.reject(new EngineError("BuildFailed", `a  b ${secret} c ${secret.replace(/\s+/g, " ")}`))

    await run()

    expect(finished()).toMatchObject({ message: "failed to run step ID: build: a b *** c ***" })
  })

  it("reports an end also when it fails itself, with nothing of what failed", async () => {
    const deps = depsOf()
    Object.defineProperty(deps, "retries", {
      get: () => {
        throw new SyntaxError(`Invalid regular expression: /${PASSWORD}/`)
      },
    })

    expect(await runBuilder(deps)).toBe(1)
    expect(finished()).toMatchObject({ outcome: "Error", message: expect.stringContaining("builder itself failed") })
    expect(notes).toEqual([expect.stringMatching(/^the builder itself failed: SyntaxError at .*run\.test\.ts/)])
    expect(notes.join("")).not.toContain(PASSWORD)
    expect(await folder.list()).toEqual([])
  })

  it("copes with a secret argument of 200,000 characters", async () => {
    const secret = Array.from({ length: 50_000 }, (_, index) => index.toString(36)).join("/")
    spec = { ...spec, work: { ...BUILD, arguments: [{ name: "X", value: secret, isSecret: true }] } }
    fake.onBuild = (options) => {
      options.onLine(`printed ${secret} here`, "stdout")
      return Promise.reject(new EngineError("BuildFailed", `failed with ${secret}`))
    }

    await run()

    expect(logLines()).toContain("printed *** here")
    expect(finished()).toMatchObject({ message: "failed to run step ID: build: failed with ***" })
  })

  it("survives a service, a registry, a log store and a blob store that are away for a while", async () => {
    const away = { status: 503 }
    service.state.trouble.set("spec", ["reset", away])
    service.state.trouble.set("events", [away, "reset", "lost", away, away, "lost"])
    service.state.trouble.set("heartbeat", ["reset", away, { status: 401 }, { status: 200, body: "nonsense" }])
    logs.faults.push("reset", "resetAfterCommit", 503, "answerLost503")
    archives.faults.push(503, "half", "reset", "half")
    let pushes = 0
    fake.onPush = () => {
      pushes += 1
      return pushes < 3
        ? Promise.reject(new EngineError("RegistryUnavailable", "connection refused"))
        : Promise.resolve(PUSHED_DIGEST)
    }

    const exitCode = await run()

    expect(exitCode).toBe(0)
    expect(service.events.map(({ type }) => type)).toEqual(["started", "finished"])
    expect(finished()).toMatchObject({ outcome: "Succeeded" })
    expect(logLines()).toContain("Pushing image: reg.example:5000/hello:ca1, attempt 3")
    expect(new Set(logLines().filter((line) => line.startsWith("Executing"))).size).toBe(2)
    expect(archives.ranges.filter((range) => range !== undefined).length).toBeGreaterThan(0)
    await expectNothingLeft()
  })

  it("claims with one builder id, also when the first answer gets lost", async () => {
    service.state.trouble.set("spec", ["lost"])

    await run()

    const ids = service.calls.map(({ body }) => body.builderId)
    expect(new Set(ids).size).toBe(1)
    expect(service.callsOf("spec")).toHaveLength(2)
  })

  it("sends all events again when the service has lost some", async () => {
    fake.onPush = (image) => {
      if (image.endsWith("ca1")) service.events.length = 0
      return Promise.resolve(PUSHED_DIGEST)
    }
    fake.onBuild = async () => {
      await expect.poll(() => service.events.length).toBe(1)
      return { imageId: "sha256:1", bases: [] }
    }

    expect(await run()).toBe(0)
    expect(service.events.map(({ type }) => type)).toEqual(["started", "finished"])
  })

  it("writes no cache when it does not push, and neither reads nor writes one that is switched off", async () => {
    spec = { ...spec, work: { ...BUILD, isPushed: false, noCache: true } }
    await run()
    const notPushing = fake.lastBuild?.cache
    spec = { ...spec, work: BUILD, isCacheEnabled: false }
    await run()

    expect(notPushing).toEqual({ isRead: false, isWritten: false })
    expect(fake.lastBuild?.cache).toEqual({ isRead: false, isWritten: false })
    expect(finished()).not.toHaveProperty("images")
  })
})

describe("secrets that are kept elsewhere", () => {
  const url = "https://v.vault.azure.net/secrets/pw"
  const location = { type: "vault" as const, url, clientId: "" }
  const VALUE = "va1ue-of-the-vault"
  const task = (text: string) =>
    ({ ...spec, work: { type: "task", file: { text }, values: [] }, source: { type: "none" } }) satisfies RunSpec

  it("are read through the service, used to sign in, and masked", async () => {
    spec = { ...spec, logins: [{ loginServer: "reg.example:5000", userName: location, password: location }] }
    service.state.secret = { ok: true, value: VALUE }
    service.state.trouble.set("secrets", ["reset", { status: 503 }])
    fake.onBuild = (options) => {
      for (const text of [VALUE, btoa(VALUE), btoa(`${VALUE}:${VALUE}`)])
        options.onLine(`printed ${text} here`, "stdout")
      return Promise.reject(new EngineError("BuildFailed", `no ${VALUE}`))
    }

    await run()

    const [claimed] = service.callsOf("spec")
    expect(service.callsOf("secrets").at(-1)?.body).toEqual({ v: 1, builderId: claimed?.body.builderId, location })
    expect(fake.asked).toContain("login reg.example:5000")
    expect(fake.passwords).toEqual([VALUE])
    expect(logLines()).toContain("Reading the login to registry: reg.example:5000")
    expect(logLines().filter((line) => line === "printed *** here")).toHaveLength(3)
    expect(logs.text() + JSON.stringify(service.events) + notes.join("")).not.toContain(VALUE)
  })

  it("end the run in its last line when a login's cannot be had", async () => {
    spec = { ...spec, logins: [{ loginServer: "other.test", userName: "me", password: location }] }

    expect(await run()).toBe(0)
    expect(finished()).toMatchObject({ outcome: "Failed" })
    expect(lastLine()).toBe(
      "Run ID: ca1 failed after 0s. Error: failed to read the login to registry other.test: the vault has no such secret.",
    )
    expect(fake.asked).toEqual([])
    await expectNothingLeft()
  })

  it("of a task file are filled in and masked, also in a warning and in what a step prints", async () => {
    spec = task(
      `secrets:\n- {id: pw, keyvault: "${url}"}\nsteps:\n- cmd: tool {{.Secrets.pw}}\n  "{{.Secrets.pw}}": 1\n`,
    )
    service.state.secret = { ok: true, value: VALUE }
    fake.onRun = async ({ streams }) => {
      streams.stdout.end(`got ${VALUE}\n`)
      streams.stderr.end()
      return { exitCode: 1 }
    }

    await run()

    expect(fake.asked).toContain(`run tool ${VALUE}`)
    expect(logLines()).toContain("got ***")
    expect(logLines()).toContainEqual(expect.stringMatching(/^WARNING: task:5:3: .*\*\*\*/))
    expect(logs.text() + JSON.stringify(service.events)).not.toContain(VALUE)
  })

  it("of a task file end the run when they cannot be had, with their place", async () => {
    spec = task(`secrets:\n- {id: pw, keyvault: "${url}"}\nsteps:\n- cmd: tool {{.Secrets.pw}}\n`)

    await run()

    expect(lastLine()).toContain("task:2:3: failed to resolve secret pw: the vault has no such secret.")
  })
})

describe("a request for a file that is no task file by its extension", () => {
  it("builds it as a Dockerfile, pushes nothing and says so", async () => {
    spec = { ...spec, work: { type: "task", file: { path: "abc_Dockerfile" }, values: [] } }

    expect(await run()).toBe(0)

    expect(fake.lastBuild).toMatchObject({ dockerfilePath: `${folder.path}/context/abc_Dockerfile`, images: [] })
    expect(fake.asked.some((one) => one.startsWith("push"))).toBe(false)
    expect(logs.text()).toContain("_Dockerfile has no extension of a task file")
  })
})

describe("a run that fails", () => {
  it.each<[string, () => void, string, string]>([
    [
      "a failing build",
      () => {
        fake.onBuild = () => Promise.reject(new EngineError("BuildFailed", "exit code: 7"))
      },
      "Failed",
      "failed to run step ID: build: exit code: 7",
    ],
    [
      "a wrong registry password",
      () => {
        fake.onLogin = () => Promise.reject(new EngineError("LoginRefused", "unauthorized"))
      },
      "Failed",
      "unauthorized",
    ],
    [
      "a refused push",
      () => {
        fake.onPush = () => Promise.reject(new EngineError("PushRefused", "denied"))
      },
      "Failed",
      "failed to run step ID: push: denied",
    ],
    [
      "a registry that stays away",
      () => {
        fake.onPush = () => Promise.reject(new EngineError("RegistryUnavailable", "connection refused"))
      },
      "Error",
      "failed to run step ID: push: connection refused",
    ],
    [
      "an engine that goes away",
      () => {
        fake.onBuild = () => Promise.reject(new EngineError("EngineUnavailable", "Cannot connect to the Docker daemon"))
      },
      "Error",
      "failed to run step ID: build: Cannot connect to the Docker daemon",
    ],
    [
      "a missing Dockerfile",
      () => {
        spec = { ...spec, work: { ...BUILD, dockerFilePath: "sub/Dockerfile" } }
      },
      "Failed",
      'failed to run step ID: build: The Dockerfile "sub/Dockerfile" was not found in the source code.',
    ],
    [
      "a Dockerfile outside the source code",
      () => {
        spec = { ...spec, work: { ...BUILD, dockerFilePath: "../../etc/passwd" } }
      },
      "Failed",
      'failed to run step ID: build: The Dockerfile "../../etc/passwd" is outside the source code.',
    ],
    [
      "an image name that is none",
      () => {
        spec = { ...spec, work: { ...BUILD, imageNames: ["Hello:v1"] } }
      },
      "Failed",
      'The image name "Hello:v1" cannot be used: repository name must be lowercase.',
    ],
    [
      "a template that is not understood",
      () => {
        spec = { ...spec, work: { ...BUILD, imageNames: ["x:{{nope}}"] } }
      },
      "Failed",
      'The image name "x:{{nope}}" cannot be used: failed to parse template: function "nope" not defined',
    ],
    [
      "a push of what was not built",
      () => {
        const text = "steps:\n- id: push\n  push: [reg.example:5000/other]\n"
        spec = { ...spec, work: { type: "task", file: { text }, values: [] } }
      },
      "Failed",
      "failed to run step ID: push: The image reg.example:5000/other:latest cannot be pushed: no earlier step has built it.",
    ],
    [
      "a source archive that is gone",
      () => {
        archives.faults.push(404)
      },
      "Failed",
      "failed to download context. The blob store answered 404. Please check if the URL is incorrect. If it has credentials, please check if they are expired.", // biome-ignore format: table
    ],
  ])("says why: %s", async (_what, arrange, outcome, message) => {
    arrange()

    const exitCode = await run()

    expect(exitCode).toBe(0)
    expect(finished()).toMatchObject({ outcome, message })
    expect(lastLine()).toBe(`Run ID: ca1 failed after 0s. Error: ${message}`)
    await expectNothingLeft()
  })

  it("pushes nothing when the build fails", async () => {
    fake.onBuild = () => Promise.reject(new EngineError("BuildFailed", "exit code: 7"))

    await run()

    expect(fake.asked.some((asked) => asked.startsWith("push"))).toBe(false)
    expect(service.events.map(({ type }) => type)).toEqual(["started", "finished"])
  })

  it("does not repeat a push that was refused", async () => {
    fake.onPush = () => Promise.reject(new EngineError("PushRefused", "denied"))

    await run()

    expect(fake.asked.filter((asked) => asked.startsWith("push"))).toHaveLength(1)
  })

  it("reports what the steps that ended have made", async () => {
    fake.onPush = (image) =>
      image.endsWith("ca1") ? Promise.resolve(PUSHED_DIGEST) : Promise.reject(new EngineError("PushRefused", "denied"))

    await run()

    expect(service.events.map(({ type }) => type)).toEqual(["started", "finished"])
    expect(service.events[0]).toMatchObject({ engine: "it answered first; layer cache in the registry" })
    expect(finished()).toMatchObject({ outcome: "Failed", images: [{ tag: "ca1" }], dependencies: [{}, {}] })
  })

  it("says which entry of a hostile archive it refused", async () => {
    await archives.close()
    archives = await startArchiveServer(makeTarGz([{ name: "../evil", content: "x" }]))
    spec = { ...spec, source: { type: "upload", url: archives.url } }

    await run()

    expect(finished()).toMatchObject({
      outcome: "Failed",
      message: 'The source archive holds a name with "..", "../evil".',
    })
    await expectNothingLeft()
  })

  it("is an Error when the blob store stays away", async () => {
    archives.faults.push(...Array.from({ length: 100 }, () => 503 as const))

    await run({ config: { outageMs: 1 } })

    expect(finished()).toMatchObject({ outcome: "Error", message: "The source archive could not be downloaded: the blob store does not answer." }) // biome-ignore format: one fact
  })

  it("is an Error when no engine answers", async () => {
    await run({ openEngine: () => Promise.reject(new EngineError("EngineUnavailable", "no container engine answers")) })

    expect(finished()).toMatchObject({ outcome: "Error", message: "no container engine answers" })
    expect(await folder.list()).toEqual([])
  })
})

describe("a run that is stopped", () => {
  it("is Canceled when the heartbeat says so", async () => {
    fake.onBuild = () => {
      service.state.isCancelRequested = true
      return fake.untilAborted()
    }

    const exitCode = await run()

    expect(exitCode).toBe(0)
    expect(fake.aborted).toBeGreaterThan(0)
    expect(finished()).toMatchObject({ outcome: "Canceled" })
    expect(lastLine()).toBe("Run ID: ca1 was canceled after 0s")
    await expectNothingLeft()
  })

  it("is Canceled while it waits for a registry", async () => {
    fake.onPush = () => {
      service.state.isCancelRequested = true
      return Promise.reject(new EngineError("RegistryUnavailable", "connection refused"))
    }

    await run({ retries: { attempts: 5, firstDelayMs: 60_000 } })

    expect(finished()).toMatchObject({ outcome: "Canceled" })
  })

  it("is a Timeout when it takes too long", async () => {
    spec = { ...spec, timeoutSeconds: 1 }
    fake.onBuild = () => fake.untilAborted()

    await run()

    expect(finished()).toMatchObject({
      outcome: "Timeout",
      message: "The run took longer than its timeout of 1 seconds.",
    })
    expect(lastLine()).toMatch(/^Run ID: ca1 timed out after 0s\. Error: The run took longer/)
    await expectNothingLeft()
  })

  it("ends although the engine does not let go", async () => {
    service.state.isCancelRequested = true
    fake.onBuild = () => new Promise(() => {})

    expect(await run()).toBe(0)
    expect(finished()).toMatchObject({ outcome: "Canceled" })
    await expectNothingLeft()
  })

  it("reports nothing when the service has ended it", async () => {
    fake.onBuild = () => {
      service.state.isEnded = true
      return fake.untilAborted()
    }

    const exitCode = await run()

    expect(exitCode).toBe(0)
    expect(finished()).toBeUndefined()
    await expectNothingLeft()
  })

  it("is an Error when its process is told to go and nobody has cancelled it", async () => {
    fake.onBuild = () => {
      terminate.abort()
      return fake.untilAborted()
    }

    const exitCode = await run()

    expect(exitCode).toBe(0)
    expect(finished()).toMatchObject({
      outcome: "Error",
      message: "The builder was told to stop before the run had ended.",
    })
    await expectNothingLeft()
  })

  it("is Canceled when its process is told to go because it was cancelled", async () => {
    spec = { ...spec, heartbeatSeconds: 60 }
    fake.onBuild = () => {
      service.state.isCancelRequested = true
      terminate.abort()
      return fake.untilAborted()
    }

    await run()

    expect(finished()).toMatchObject({ outcome: "Canceled" })
    await expectNothingLeft()
  })

  it("disposes an engine that opens only after the stop", async () => {
    service.state.isCancelRequested = true
    const openEngine = async () => {
      await delay(120)
      return fake.engine
    }

    await run({ openEngine })

    expect(finished()).toMatchObject({ outcome: "Canceled" })
    await expectNothingLeft()
  })
})

describe("a run that cannot be had or told", () => {
  it.each([
    [409, "RunNotClaimable"],
    [410, "RunEnded"],
  ])("leaves a run alone that answers %i to the claim", async (status, code) => {
    await service.close()
    service = await startService(() => ({ status, body: { error: { code, message: "x" } } }))

    expect(await run()).toBe(0)
    expect(fake.asked).toEqual([])
    expect(service.callsOf("spec")).toHaveLength(1)
  })

  it("is a dead builder when the token is refused", async () => {
    await service.close()
    service = await startService(() => ({ status: 401 }))

    await expect(run()).rejects.toThrow("401")
  })

  it("is a dead builder when the service never answers the claim", async () => {
    await service.close()
    await expect(run({ config: { outageMs: 20 } })).rejects.toThrow()
    service = await startService(() => spec)
  })

  it("is a dead builder when the spec is not understood", async () => {
    await service.close()
    service = await startService(() => ({ status: 200, body: { v: 2 } }))

    await expect(run()).rejects.toThrow("spec is not understood")
  })

  it("exits with 1 when the end could not be reported, and still cleans up", async () => {
    service.state.trouble.set(
      "events",
      Array.from({ length: 1000 }, () => ({ status: 503 })),
    )

    const exitCode = await run({ config: { finishMs: 30 } })

    expect(exitCode).toBe(1)
    expect(lastLine()).toBe("Run ID: ca1 was successful after 0s")
    await expectNothingLeft()
  })

  it("succeeds although its log cannot be written", async () => {
    logs.faults.push(...Array.from({ length: 1000 }, () => 503 as const))

    const exitCode = await run({ config: { finishMs: 100 } })

    expect(exitCode).toBe(0)
    expect(finished()).toMatchObject({ outcome: "Succeeded" })
    expect(notes.join()).toContain("the run log is not complete")
  })
})
