import { execFile } from "node:child_process"
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from "vitest"
import type { EngineChoice } from "../../../builder/engine/engine.ts"
import { TOKEN_USER } from "../../../local/sign-in/registry-endpoints.ts"
import { loginServer } from "../../../local/stack-urls.ts"
import { DIALECTS, engineOf } from "../engine/test-engine.ts"
import { type AzResult, az } from "../setup/az-client.ts"
import { readStack, type TestStack } from "../setup/test-stack.ts"

let stack: TestStack
let image: string

beforeAll(async () => {
  stack = await readStack(inject("stackEnv"))
  image = `${loginServer(stack.state)}/pulled:v1`
  const build = await az(stack, ["acr", "build", "-r", "slipway", "-t", "pulled:v1", "examples/hello"])
  expect(build.code, build.stdout + build.stderr).toBe(0)
})

describe.each(DIALECTS)("az acr login for %s", (dialect) => {
  let choice: EngineChoice
  let folder: string
  let env: Record<string, string>

  beforeAll(async () => {
    choice = await engineOf(dialect)
  })
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "slipway-login-"))
    // az runs `docker`: there it is this engine's program, with credentials of its own, as podman-docker installs it.
    await mkdir(path.join(folder, "bin"))
    await symlink(choice.command, path.join(folder, "bin", "docker"))
    // podman wants the file that REGISTRY_AUTH_FILE names to exist.
    await writeFile(path.join(folder, "config.json"), "{}")
    env = {
      PATH: `${path.join(folder, "bin")}${path.delimiter}${stack.env.PATH}`,
      DOCKER_CONFIG: folder,
      REGISTRY_AUTH_FILE: path.join(folder, "config.json"),
      // As on a machine without its own: env.sh then names the bundle with our CA, which podman needs.
      SSL_CERT_FILE: "",
      ...choice.env,
    }
  })
  afterEach(async () => {
    await engine("image", "rm", "--force", image)
    await rm(folder, { recursive: true, force: true })
  })
  afterAll(() => engine("image", "prune", "--force"))

  /** The engine's program in a shell that has sourced env.sh. */
  function engine(...args: string[]): Promise<AzResult> {
    const command = [
      "-c",
      '. "$0" >/dev/null && exec docker "$@"',
      path.join(stack.state.dataFolder, "env.sh"),
      ...args,
    ]
    return new Promise((resolve) => {
      execFile("bash", command, { env: { ...stack.env, ...env } }, (error, stdout, stderr) => {
        resolve({ code: typeof error?.code === "number" ? error.code : error === null ? 0 : 1, stdout, stderr })
      })
    })
  }

  it("lets the engine pull a built image and run it", async () => {
    const login = await az(stack, ["acr", "login", "-n", "slipway"], { env })

    const pull = await engine("pull", image)
    const output = await engine("run", "--rm", "--network", "none", image)
    expect(login.code, login.stderr).toBe(0)
    expect(login.stdout + login.stderr).toContain("Login Succeeded")
    expect(pull.code, pull.stderr).toBe(0)
    expect(output, output.stderr).toMatchObject({ code: 0, stdout: "Hello from Slipway!\n" })
  })

  it("leaves the engine a token and no password", async () => {
    await az(stack, ["acr", "login", "-n", "slipway"], { env })

    const stored = await readFile(path.join(folder, "config.json"), "utf8")

    const { auth = "", identitytoken = "" } = JSON.parse(stored).auths[loginServer(stack.state)]
    expect(Buffer.from(auth, "base64").toString()).toMatch(new RegExp(`^${TOKEN_USER}:`))
    expect(`${Buffer.from(auth, "base64")}${identitytoken}`).toMatch(/ey[\w-]+\.ey[\w-]+\.[\w-]+/)
    for (const { secret } of stack.state.principals) expect(stored).not.toContain(secret)
  })

  it("is needed: without it the registry gives nothing away", async () => {
    const pull = await engine("pull", image)

    expect(pull.code).not.toBe(0)
    expect(pull.stderr).toMatch(/unauthorized|authentication required|no basic auth|Sign in first/i)
  })
})
