import { spawn } from "node:child_process"
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { RegistryTarget } from "../setup/base-image.ts"

export const REGISTRY_USER = "tester"
export const REGISTRY_PASSWORD = "registry-secret"
/** bcrypt of {@link REGISTRY_PASSWORD}, as `htpasswd -B` writes it. */
const HASH = "$2b$05$abcdefghijklmnopqrstuubNCCgMNqYiQA5BMGxm7McAPft53drSm"

export type TestRegistry = RegistryTarget & { stop(): Promise<void> }

/** A CNCF registry of its own on a free port of loopback, over plain HTTP, with or without a password. */
export async function startTestRegistry({ hasPassword = false } = {}): Promise<TestRegistry> {
  const folder = await mkdtemp(join(tmpdir(), "slipway-registry-"))
  const port = await freePort()
  await mkdir(join(folder, "data"))
  await writeFile(join(folder, "htpasswd"), `${REGISTRY_USER}:${HASH}\n`)
  const auth = hasPassword ? `auth: {htpasswd: {realm: test, path: ${folder}/htpasswd}}\n` : ""
  await writeFile(
    join(folder, "config.yml"),
    `version: 0.1\nlog: {level: error}\nstorage: {filesystem: {rootdirectory: ${folder}/data}}\nhttp: {addr: "127.0.0.1:${port}"}\n${auth}`,
  )
  const child = spawn("docker-registry", ["serve", join(folder, "config.yml")], { stdio: "ignore" })
  const ended = new Promise((resolve) => child.once("close", resolve))
  const loginServer = `127.0.0.1:${port}`
  const basic = `Basic ${Buffer.from(`${REGISTRY_USER}:${REGISTRY_PASSWORD}`).toString("base64")}`
  const call: RegistryTarget["call"] = async (method, path, body, headers) => {
    const answer = await fetch(new URL(path, `http://${loginServer}`), {
      method,
      headers: { ...headers, ...(hasPassword && { authorization: basic }) },
      ...(body !== undefined && { body: new Uint8Array(body) }),
    })
    return { status: answer.status, headers: Object.fromEntries(answer.headers), text: await answer.text() }
  }
  const deadline = Date.now() + 10_000
  while (
    !(await call("GET", "/v2/", undefined, {}, "")
      .then(({ status }) => status === 200)
      .catch(() => false))
  ) {
    if (Date.now() > deadline) throw new Error("docker-registry does not answer")
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return {
    loginServer,
    call,
    async stop() {
      child.kill("SIGKILL")
      await ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1")
  await new Promise((resolve) => server.once("listening", resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === "string") throw new Error("no port")
  return address.port
}
