import { execFile } from "node:child_process"
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { request } from "node:https"
import { tmpdir } from "node:os"
import path from "node:path"
import { promisify } from "node:util"
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from "vitest"
import { servicePrincipalOf } from "../../../local/principal-of.ts"
import { type AzOptions, az, azEnvironment, registerCloud, startAz } from "../setup/az-client.ts"
import { poll, readStack, type TestStack } from "../setup/test-stack.ts"

const execute = promisify(execFile)
let stack: TestStack
let folder: string
/** az with a folder of its own: the stack's stays signed in as env.sh has left it. */
let own: AzOptions & { configFolder: string }
let person: { id: string; secret: string }

beforeAll(async () => {
  stack = await readStack(inject("stackEnv"))
  folder = await mkdtemp(path.join(tmpdir(), "slipway-sign-in-"))
  own = { configFolder: path.join(folder, "az") }
  person = stack.state.principals.find(({ kind }) => kind === "user")!
  await registerCloud(stack, own.configFolder)
})
afterEach(() => az(stack, ["account", "clear"], own))
afterAll(() => rm(folder, { recursive: true, force: true }))

/** A secret as az reads it from a file, so that it stands in no argument list. */
async function secretFile(secret: string): Promise<string> {
  const file = path.join(folder, "secret")
  await writeFile(file, secret, { mode: 0o600 })
  return `@${file}`
}

async function signInAs(role: "reader" | "runner") {
  const { id, secret } = servicePrincipalOf(stack.state, role)
  const password = await secretFile(secret)
  return az(stack, ["login", "--service-principal", "-u", id, "-p", password, "-t", stack.state.tenantId], own)
}

async function whoIsSignedIn(): Promise<unknown> {
  const shown = await az(stack, ["account", "show", "-o", "json"], own)
  return shown.code === 0 ? JSON.parse(shown.stdout).user : shown.stderr
}

/** The page as a browser asks for it, and its form as a browser sends it. */
async function devicePage(address: string, form?: Record<string, string>): Promise<{ status: number; text: string }> {
  const ca = await readFile(stack.caFile)
  return new Promise((resolve, reject) => {
    const headers = form && { "content-type": "application/x-www-form-urlencoded" }
    const outgoing = request(address, { ca, method: form ? "POST" : "GET", headers }, (incoming) => {
      let text = ""
      incoming.setEncoding("utf8").on("data", (chunk: string) => (text += chunk))
      incoming.on("end", () => resolve({ status: incoming.statusCode ?? 0, text }))
    })
    outgoing.on("error", reject).end(form && new URLSearchParams(form).toString())
  })
}

describe("env.sh", () => {
  it("signs in once for each az: an older one cannot read the cache that a newer one has left", async () => {
    const env = azEnvironment(stack)
    const run = (command: string) =>
      execute("bash", ["-c", command, path.join(stack.state.dataFolder, "env.sh")], { env })
    const bin = path.join(folder, "bin")
    const { stdout: program } = await run("command -v az")
    await mkdir(bin)
    await writeFile(path.join(bin, "az"), `#!/bin/sh\nexec ${program.trim()} "$@"\n`, { mode: 0o755 })

    env.PATH = `${bin}${path.delimiter}${env.PATH}`
    const first = await run('. "$0" && az acr list -o tsv')
    const second = await run('. "$0" && az acr list -o tsv')

    expect(first.stderr).toContain("az is signed in")
    expect(second.stderr).not.toContain("az is signed in")
    expect(second.stdout).toContain("slipway")
  })
})

describe("az login with user name and password", () => {
  it("signs a person in, who may then use the registry and its runs", async () => {
    const login = await az(stack, ["login", "-u", person.id, "-p", await secretFile(person.secret)], own)

    const runs = await az(stack, ["acr", "task", "list-runs", "-r", "slipway", "-o", "json"], own)
    const token = await az(stack, ["acr", "login", "-n", "slipway", "--expose-token", "-o", "json"], own)
    expect(login.code, login.stderr).toBe(0)
    expect(await whoIsSignedIn()).toEqual({ name: person.id, type: "user" })
    expect(runs.code, runs.stderr).toBe(0)
    expect(token.code, token.stderr).toBe(0)
  })

  it("prints what is wrong with a wrong password, and exits 1", async () => {
    const login = await az(stack, ["login", "-u", person.id, "-p", "not-the-password"], own)

    expect(login.stderr).toContain("ERROR: The user name or the password is wrong.")
    expect(login.code).toBe(1)
  })
})

describe("az login --service-principal", () => {
  it("prints what is wrong with a wrong secret, and exits 1", async () => {
    const { id } = servicePrincipalOf(stack.state, "runner")

    const args = ["login", "--service-principal", "-u", id, "-p", "not-the-secret", "-t", stack.state.tenantId]
    const login = await az(stack, args, own)

    expect(login.stderr).toContain("ERROR: The client id or the client secret is wrong.")
    expect(login.code).toBe(1)
  })

  it("lets a reader see the runs and not build", async () => {
    const login = await signInAs("reader")

    const runs = await az(stack, ["acr", "task", "list-runs", "-r", "slipway", "-o", "json"], own)
    const build = await az(stack, ["acr", "build", "-r", "slipway", "-t", "reader:v1", "examples/hello"], own)
    expect(login.code, login.stderr).toBe(0)
    expect(runs.code, runs.stderr).toBe(0)
    expect(build.code).toBe(1)
    expect(build.stderr).toContain("AuthorizationFailed")
  })

  it("lets a runner build", async () => {
    await signInAs("runner")

    const build = await az(stack, ["acr", "build", "-r", "slipway", "-t", "runner:v1", "examples/hello"], own)

    expect(build.code, build.stdout + build.stderr).toBe(0)
  })
})

describe("az login --use-device-code", () => {
  it("waits until a person has entered the code and the password on the page", async () => {
    const login = startAz(stack, ["login", "--use-device-code", "-o", "json"], own)
    const [, address = "", code = ""] = await poll(
      "az to show the code",
      async () => /open the page (\S+) .* enter the code (\S+)/.exec(login.printed()) ?? undefined,
    )

    const page = await devicePage(address)
    const form = { user_code: code.toLowerCase(), username: person.id }
    const wrong = await devicePage(address, { ...form, password: "not-the-password" })
    const right = await devicePage(address, { ...form, password: person.secret })

    expect(page.text).toContain('<input name="user_code"')
    expect(wrong).toMatchObject({
      status: 401,
      text: expect.stringContaining("The user name or the password is wrong."),
    })
    expect(right).toMatchObject({ status: 200, text: expect.stringContaining("Signed in") })
    const { code: exitCode, stderr } = await login.result
    expect(exitCode, stderr).toBe(0)
    expect(await whoIsSignedIn()).toEqual({ name: person.id, type: "user" })
  })
})
