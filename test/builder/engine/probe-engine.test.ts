import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Parser } from "tar"
import { afterEach, beforeEach, expect, test, vi } from "vitest"
import { type EngineCandidate, engineCandidates } from "../../../builder/engine/engine-candidates.ts"
import { probeEngine } from "../../../builder/engine/probe-engine.ts"
import { probeImage } from "../../../builder/engine/probe-image.ts"

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-probe-test-"))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** A program that answers as an engine does; `run` says what its container does. */
async function program(name: string, cases: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, `#!/bin/sh\necho "$1" >> ${folder}/calls\ncase "$1" in\n${cases}\nesac\n`)
  await chmod(path, 0o755)
  return path
}
const docker = (run: string, server = '{"Version":"26.1","Arch":"amd64","Components":[{"Name":"Engine"}]}') =>
  `version) echo '${server}';;\nimport) cat > /dev/null;;\nrun) ${run};;\nrmi) ;;\ninfo) echo '[["driver-type","io.containerd.snapshotter.v1"]]';;`
async function dockerCandidate(run: string, server?: string): Promise<EngineCandidate> {
  const buildxCommand = await program("buildx", 'inspect) echo "BuildKit version: v0.12";;')
  return {
    dialect: "docker",
    command: await program("docker", docker(run, server)),
    buildxCommand,
    env: {},
    title: "docker",
  }
}
async function podmanCandidate(run: string): Promise<EngineCandidate> {
  const command = await program(
    "podman",
    `info) echo "4.3.1 amd64";;\nimport) cat > /dev/null;;\nrun) ${run};;\nrmi) ;;`,
  )
  return { dialect: "podman", command, env: {}, title: "podman" }
}

test("an engine that prints its version and cannot run a container is passed over, and the choice says so", async () => {
  const candidates = [await dockerCandidate('echo "no cgroups" >&2; exit 125'), await podmanCandidate("echo slipway")]

  const choice = await probeEngine(candidates, { settingsFolder: folder })

  expect(choice).toMatchObject({ dialect: "podman", version: "4.3.1", cache: "registry", env: {} })
  expect(choice.reason).toBe("podman 4.3.1; not docker: it cannot run a container: no cgroups")
})

test("docker with a containerd image store has a registry cache; its probe image is removed", async () => {
  const choice = await probeEngine([await dockerCandidate("echo slipway")], { settingsFolder: folder })

  expect(choice).toMatchObject({ dialect: "docker", cache: "registry", version: "26.1" })
  expect((await readFile(join(folder, "calls"), "utf8")).split("\n")).toContain("rmi")
})

test.each([
  ["true", "docker 26.1 with BuildKit; builds at the same time can reach each other by address"],
  ["false", "docker 26.1 with BuildKit"],
])("the choice says whether builds can reach each other: icc %s", async (icc, reason) => {
  const candidate = await dockerCandidate("echo slipway")
  const cases = `${docker("echo slipway")}\nnetwork) echo ${icc};;`

  const choice = await probeEngine([{ ...candidate, command: await program("docker", cases) }], {
    settingsFolder: folder,
  })

  expect(choice.reason.replace(/: this engine's default bridge has icc on$/, "")).toBe(reason)
})

test("podman behind docker's API, a docker without buildx, and a silent container are no engine", async () => {
  const imitation = '{"Version":"4.3.1","Arch":"amd64","Components":[{"Name":"Podman Engine"}]}'
  const without = { ...(await dockerCandidate("echo slipway")), title: "bare" }
  delete without.buildxCommand
  const tried = [
    { ...without, command: await program("bare", docker("echo slipway")) },
    { ...(await dockerCandidate("true")), command: await program("silent", docker("true")), title: "silent" },
    {
      ...(await dockerCandidate("true")),
      command: await program("fake", docker("echo slipway", imitation)),
      title: "fake",
    },
  ]

  const failure = probeEngine(tried, { settingsFolder: folder })

  await expect(failure).rejects.toMatchObject({
    code: "EngineUnavailable",
    message:
      "no container engine answers: not bare: it has no buildx; not silent: it cannot run a container: its container printed nothing; not fake: it is podman behind docker's API",
  })
  await expect(probeEngine([], { settingsFolder: folder })).rejects.toThrow("neither docker nor podman is installed")
})

test("podman that needs settings for this machine gets them", async () => {
  const candidate = await podmanCandidate('[ -n "$CONTAINERS_CONF" ] && echo slipway || exit 126')

  const choice = await probeEngine([candidate], { settingsFolder: join(folder, "settings") })

  expect(choice.env.CONTAINERS_CONF).toBe(join(folder, "settings", "containers.conf"))
  expect(await readFile(choice.env.CONTAINERS_CONF ?? "", "utf8")).toContain('cgroup_manager = "cgroupfs"')
})

test("an engine that hangs is passed over", async () => {
  const candidate = await dockerCandidate("sleep 60")

  const failure = probeEngine([candidate], { settingsFolder: folder, timeoutMs: 300 })

  await expect(failure).rejects.toMatchObject({ code: "EngineUnavailable" })
})

test("who is told to stop tries no further engine, and what runs already is removed", async () => {
  const waits = `while [ ! -e ${folder}/go ]; do sleep 0.02; done; exit 125`
  const candidates = [await dockerCandidate(waits), await podmanCandidate("echo slipway")]
  const stopper = new AbortController()
  const calls = async () => (await readFile(join(folder, "calls"), "utf8")).split("\n")

  const stopped = expect(probeEngine(candidates, { settingsFolder: folder, signal: stopper.signal })).rejects.toThrow(
    "stop",
  )
  await vi.waitFor(async () => expect(await calls()).toContain("run"))
  stopper.abort(new Error("told to stop"))
  await writeFile(join(folder, "go"), "")

  await stopped
  expect((await calls()).filter((call) => call !== "")).toEqual(["version", "inspect", "import", "run", "rmi"])
})

test("candidates come in order, with nothing of the environment but where engines are", async () => {
  await Promise.all([program("docker", ""), program("podman", ""), program("docker-buildx", "")])
  const own: EngineCandidate = { dialect: "docker", command: "/own", env: {}, title: "own" }

  const candidates = await engineCandidates({ PATH: folder, DOCKER_HOST: "unix:///x", SECRET: "s", HTTP_PROXY: "p" }, [
    own,
  ])

  expect(candidates.map(({ command }) => command)).toEqual([join(folder, "docker"), "/own", join(folder, "podman")])
  expect(candidates[0]?.env).toEqual({ DOCKER_HOST: "unix:///x" })
})

test.each(["amd64", "arm64"])(
  "the probe's image for %s is an archive with one static program",
  async (architecture) => {
    const entries: { path: string; mode: number | undefined; start: string }[] = []
    const parser = new Parser({
      onReadEntry: (entry) => {
        entry.on("data", (data: Buffer) =>
          entries.push({ path: entry.path, mode: entry.mode, start: data.subarray(0, 4).toString("latin1") }),
        )
      },
    })

    await new Promise<void>((resolve, reject) => {
      parser.on("end", resolve)
      parser.on("error", reject)
      parser.end(probeImage(architecture)!)
    })

    expect(entries).toEqual([{ path: "probe", mode: 0o755, start: "\u007fELF" }])
  },
)
