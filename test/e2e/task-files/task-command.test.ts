import { type ChildProcess, spawn } from "node:child_process"
import { existsSync } from "node:fs"
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from "vitest"
import { repositoryRoot } from "../../../local/repository-root.ts"
import type { WholeWorld } from "../../conformance/run-whole-case.ts"
import { argumentLists, ask, DIALECTS, type DialectName, engineOf, until } from "../engine/test-engine.ts"
import { REGISTRY_PASSWORD, REGISTRY_USER, startTestRegistry } from "../engine/test-registry.ts"
import { openRegistry } from "../setup/whole-world.ts"

type Given = { files: Record<string, string>; environment?: Record<string, string>; input?: string }

describe.each(DIALECTS)("npm run -s task -- exec on %s", (dialect) => {
  let world: WholeWorld
  let close: (() => Promise<void>) | undefined
  beforeAll(async () => {
    const opened = await openRegistry(await engineOf(dialect))
    world = opened.world
    close = opened.close
  })
  afterAll(() => close?.())

  /** The command in a folder of its own, as a process; temporary files go where they can be counted. */
  async function start(words: string[], { files, environment = {}, input }: Given) {
    const folder = await mkdtemp(path.join(tmpdir(), "slipway-task-test-"))
    const temporary = path.join(folder, "tmp")
    const workspace = path.join(folder, "workspace")
    await Promise.all([mkdir(temporary), mkdir(workspace)])
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    for (const [name, content] of Object.entries(files)) await writeFile(path.join(workspace, name), content)
    const { choice, registry } = world
    const env = {
      HOME: folder,
      ...choice.env,
      // The engine's own client is the first that is found.
      PATH: `${path.dirname(choice.command)}:${process.env.PATH}`,
      SLIPWAY_DATA: path.join(folder, "data"),
      SLIPWAY_ENGINE_KIND: choice.dialect,
      TMPDIR: temporary,
      TZ: "UTC",
      ...environment,
    }
    const main = path.join(repositoryRoot(), "cli", "task.ts")
    const flags = ["--disable-warning=ExperimentalWarning", main]
    const child = spawn(
      process.execPath,
      [...flags, ...words, ...registryOption(environment), "--insecure", registry],
      {
        cwd: workspace,
        env,
      },
    )
    onTestFinished(() => void child.kill("SIGKILL"))
    child.stdin.end(input)
    return { ...follow(child), child, temporary, workspace }
  }

  async function exec(words: string[], given: Given) {
    const started = await start(["exec", ...words], given)
    const code = await started.code
    return { code, ...started.output, temporary: started.temporary, workspace: started.workspace }
  }

  /** A registry of the test's own, unless the environment has a stack with one. */
  const registryOption = ({ SLIPWAY_DATA }: Record<string, string>) =>
    SLIPWAY_DATA === undefined ? ["--registry", world.registry] : []

  const box = () => `${world.registry}/base/busybox:1`

  test("runs the steps on the folder itself, keeps their streams apart and says the time in front of its own lines", async () => {
    const files = {
      "acb.yaml": `steps:\n- cmd: ${box()} sh -c 'echo out; echo err >&2; cat note; echo made >file'\n`,
      note: "hi\n",
    }

    const { code, stdout, stderr, workspace, temporary } = await exec([], { files })

    expect(code, stderr).toBe(0)
    expect(stdout).toBe("out\nhi\n")
    expect(stderr.split("\n")).toContain("err")
    expect(stderr).toMatch(/^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d Executing step ID: acb_step_0\. Timeout\(sec\): 600/m)
    expect(stderr).toMatch(/^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d Step ID: acb_step_0 marked as successful/m)
    expect(await readFile(path.join(workspace, "file"), "utf8")).toBe("made\n")
    expect(await readdir(temporary)).toEqual([])
  })

  test("builds, runs and pushes an image with values from everywhere, and hides the secret ones", async () => {
    const files = {
      "acb.yaml": [
        "version: v1.1.0",
        "steps:",
        `- build: -t $Registry/made:{{.Values.tag}} --build-arg WORD={{.Values.word}} .`,
        "- cmd: $Registry/made:{{.Values.tag}}",
        "- cmd: $Registry/made:{{.Values.tag}} sh -c 'echo {{.Values.pw}} $SHARED'",
        "- push: [$Registry/made:{{.Values.tag}}]",
      ].join("\n"),
      "values.yaml": "tag: wrong\nword: from-file\n",
      Dockerfile: `FROM ${box()}\nARG WORD\nENV WORD=$WORD\nCMD ["sh", "-c", "echo word=$WORD"]\n`,
    }
    const words = [
      "--values",
      "values.yaml",
      "--set",
      "tag=v7",
      "--set-secret",
      "pw=sup3rs3cret",
      "--env",
      "SHARED=all",
    ]

    const { code, stdout, stderr } = await exec(words, { files })

    const tags = await fetch(`http://${world.registry}/v2/made/tags/list`).then((answer) => answer.json())
    expect(code, stderr).toBe(0)
    expect(stdout.split("\n")).toContain("word=from-file")
    expect(stdout.split("\n")).toContain("*** all")
    expect(stdout + stderr).not.toContain("sup3rs3cret")
    expect(stderr).toContain("The following dependencies were found:")
    expect(tags).toMatchObject({ name: "made", tags: expect.arrayContaining(["v7"]) })
  })

  test("ends with acb's words and exit code 1 when a step fails", async () => {
    const files = { "acb.yaml": `steps:\n- id: bad\n  cmd: ${box()} sh -c 'exit 7'\n- cmd: ${box()} echo never\n` }

    const { code, stdout, stderr } = await exec([], { files })

    expect(code).toBe(1)
    expect(stdout).toBe("")
    expect(stderr.trimEnd().split("\n").at(-1)).toBe("failed to run step ID: bad: exit status 7")
  })

  test("reads the task from standard input", async () => {
    const input = `steps:\n- cmd: ${box()} sh -c 'cat note'\n`

    const { code, stdout, stderr } = await exec(["-f", "-"], { files: { note: "from the folder\n" }, input })

    expect(code, stderr).toBe(0)
    expect(stdout).toBe("from the folder\n")
  })

  test.each([["SIGINT"], ["SIGTERM"]] as const)(
    "ends its containers at %s and leaves nothing on the engine or in temporary files",
    async (signal) => {
      const mark = `sleep-${dialect}-${signal}-${process.pid}`
      const text = [
        "steps:",
        `- id: early\n  cmd: ${box()} sh -c 'echo started; sleep 600; echo ${mark}'`,
        `- id: late\n  when: ['-']\n  cmd: ${box()} sh -c 'sleep 600; echo ${mark}' | cat`,
        `- id: behind\n  when: ['-']\n  detach: true\n  cmd: ${box()} sh -c 'sleep 600; echo ${mark}'`,
      ].join("\n")
      const { child, output, code, temporary } = await start(["exec"], { files: { "acb.yaml": text } })
      await until(() => output.stdout.includes("started"), `the first step's output in:\n${output.stderr}`)
      await until(async () => (await processesWith(mark)) >= 3, "three containers")
      const run = await runWith(mark)
      expect(await leftovers(dialect, run)).not.toEqual([])

      child.kill(signal)

      expect(await code).toBe(1)
      expect(output.stderr.trimEnd().split("\n").at(-1)).toBe("it was stopped")
      expect(await processesWith(mark)).toBe(0)
      expect(await leftovers(dialect, run)).toEqual([])
      expect(await readdir(temporary)).toEqual([])
    },
  )

  test("ends a run that takes longer than its timeout", async () => {
    const { code, stderr } = await exec(["--timeout", "2"], {
      files: { "acb.yaml": `steps:\n- cmd: ${box()} sleep 600\n` },
    })

    expect(code).toBe(1)
    expect(stderr.trimEnd().split("\n").at(-1)).toBe("the run took longer than 2 seconds")
  })

  test("gives steps the rights that are named, and says which one is missing", async () => {
    const files = { "acb.yaml": `steps:\n- cmd: ${box()} test -S /var/run/docker.sock\n  privileged: true\n` }

    const refused = await exec([], { files })
    const allowed = await exec(["--rights", "socket,privileged"], { files })

    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining("SLIPWAY_STEP_RIGHTS=privileged") })
    expect(allowed.code, allowed.stderr).toBe(0)
  })

  test("uses the user's own login for a registry that is named, and for no other", async () => {
    const closed = await startTestRegistry({ hasPassword: true })
    try {
      const auth = Buffer.from(`${REGISTRY_USER}:${REGISTRY_PASSWORD}`).toString("base64")
      const docker = await mkdtemp(path.join(tmpdir(), "slipway-task-login-"))
      onTestFinished(() => rm(docker, { recursive: true, force: true }))
      await writeFile(path.join(docker, "config.json"), JSON.stringify({ auths: { [closed.loginServer]: { auth } } }))
      const image = `${closed.loginServer}/made:1`
      const given = {
        files: { "acb.yaml": `steps:\n- build: -t ${image} .\n- push: [${image}]\n`, Dockerfile: `FROM ${box()}\n` },
        environment: { DOCKER_CONFIG: docker },
      }

      const without = await exec(["--insecure", closed.loginServer], given)
      const withLogin = await exec(["--insecure", closed.loginServer, "--login", closed.loginServer], given)

      expect(without.code).toBe(1)
      expect(withLogin.code, withLogin.stderr).toBe(0)
      expect(withLogin.stderr + withLogin.stdout).not.toContain(REGISTRY_PASSWORD)
    } finally {
      await closed.stop()
    }
  })

  test("pushes to the registry of the stack that runs, with its login and over its TLS", async () => {
    const { SLIPWAY_DATA = "" } = inject("stackEnv")
    const files = {
      "acb.yaml": `version: v1.1.0\nsteps:\n- build: -t $Registry/from-${dialect}:$ID .\n- push: [$Registry/from-${dialect}:$ID]\n`,
      Dockerfile: `FROM ${box()}\n`,
    }

    const { code, stderr } = await exec(["--id", "cli1"], { files, environment: { SLIPWAY_DATA } })

    expect(code, stderr).toBe(0)
    expect(stderr).toMatch(new RegExp(`Successfully pushed image: 127\\.0\\.0\\.1:\\d+/from-${dialect}:cli1`))
  })

  test("says how to get an engine where none answers", async () => {
    const environment = { DOCKER_HOST: "unix:///no/such.sock", SLIPWAY_ENGINE_KIND: "docker" }

    const { code, stderr } = await exec([], { files: { "acb.yaml": "steps:\n- cmd: x\n" }, environment })

    expect(code).toBe(1)
    expect(stderr).toContain("error: no container engine answers: ")
    expect(stderr).toContain("npm start -- --detach")
  })
})

/** Both streams as they grow, and the exit code. */
function follow(child: ChildProcess) {
  const output = { stdout: "", stderr: "" }
  for (const name of ["stdout", "stderr"] as const) {
    child[name]?.setEncoding("utf8").on("data", (chunk: string) => {
      output[name] += chunk
    })
  }
  const code = new Promise<number | null>((resolve) => child.once("close", (exitCode) => resolve(exitCode)))
  return { output, code }
}

/** Programs of containers, by a word in their arguments; not those that start them. */
async function processesWith(mark: string): Promise<number> {
  const all = await argumentLists()
  return all.filter(
    ({ pid, text }) => text.startsWith("sh -c") && text.includes(mark) && existsSync(`/proc/${pid}/exe`),
  ).length
}

/** The engine's label of the run, which the client of one of its containers has in its arguments. */
async function runWith(mark: string): Promise<string> {
  const texts = (await argumentLists()).map(({ text }) => text).filter((text) => text.includes(mark))
  const [run] = texts.flatMap((text) => /slipway\.run=\w+/.exec(text) ?? [])
  if (run === undefined) throw new Error(`no client names its run in:\n${texts.join("\n")}`)
  return run
}

/** What a run has on the engine, by its label. */
async function leftovers(dialect: DialectName, run: string): Promise<string[]> {
  const choice = await engineOf(dialect)
  const isOurs = ["--quiet", "--filter", `label=${run}`]
  const lists = await Promise.all([
    ask(choice, "ps", "--all", ...isOurs),
    ask(choice, "network", "ls", ...isOurs),
    ask(choice, "volume", "ls", ...isOurs),
  ])
  return lists.flatMap((list) => list.split("\n").filter((line) => line !== ""))
}
