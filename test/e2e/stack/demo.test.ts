import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { freePort } from "../../../local/free-port.ts"
import { repositoryRoot } from "../../../local/repository-root.ts"

let folder: string
let env: Record<string, string | undefined>

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "slw-demo-"))
  env = {
    ...process.env,
    SLIPWAY_DATA: path.join(folder, "data"),
    SLIPWAY_PORT: String(await freePort("127.0.0.1", new Set())),
    SLIPWAY_REGISTRY_PORT: String(await freePort("127.0.0.1", new Set())),
  }
})
afterEach(() => rm(folder, { recursive: true, force: true }))

function demo() {
  const main = path.join(repositoryRoot(), "local/cli/demo.ts")
  const result = spawnSync(process.execPath, [main], { env, encoding: "utf8", cwd: repositoryRoot(), timeout: 90_000 })
  return { code: result.status, output: result.stdout, everything: result.stdout + result.stderr }
}

/** A search path that has every program but az. */
function pathWithoutAz(): string {
  const bin = path.join(folder, "bin")
  mkdirSync(bin)
  const folders = (process.env.PATH ?? "").split(":").filter((each) => path.isAbsolute(each) && existsSync(each))
  for (const each of folders) {
    for (const name of readdirSync(each)) {
      if (name === "az") continue
      try {
        symlinkSync(path.join(each, name), path.join(bin, name))
      } catch {
        // An earlier folder of the path has it already.
      }
    }
  }
  return bin
}

function processesOfTheStack(): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, "utf8") + readFileSync(`/proc/${pid}/cmdline`, "utf8")
      } catch {
        return ""
      }
    })
    .filter((text) => text.includes(`${folder}/data`))
}

const line = readFileSync(path.join(repositoryRoot(), "examples/hello/message.txt"), "utf8").trim()

test("the demo builds, pushes and runs the example with az on an empty machine, and leaves nothing running", () => {
  const { code, output, everything } = demo()

  expect(everything).toContain("az acr build -r slipway -t hello:v1 examples/hello")
  expect(code, everything).toBe(0)
  expect(output.split("\n")).toContain(line)
  expect(output).toMatch(/RUN ID.*Succeeded/s)
  expect(processesOfTheStack()).toEqual([])
})

test("without az the demo makes the same calls over HTTP and says so", () => {
  env.PATH = pathWithoutAz()

  const { code, output, everything } = demo()

  expect(code, everything).toBe(0)
  expect(output).toContain("az is not installed: the demo makes the same calls over plain HTTP.")
  expect(output.split("\n")).toContain(line)
  expect(output).toMatch(/RUN ID.*Succeeded/s)
})

test("the demo fails when there is no engine to run the image, and still stops what it started", () => {
  env.SLIPWAY_ENGINE_KIND = "docker"
  env.DOCKER_HOST = "unix:///no/such.sock"
  env.PATH = pathWithoutAz()

  const { code, everything } = demo()

  expect(code, everything).toBe(1)
  expect(everything).toContain("error: ")
  expect(processesOfTheStack()).toEqual([])
})
