import { spawnSync } from "node:child_process"
import { readdirSync, readFileSync } from "node:fs"
import path from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { repositoryRoot } from "../../../local/repository-root.ts"
import { SupervisorFile } from "../../../local/supervisor/supervisor-file.ts"
import { poll, startDetached, startTestStack } from "../setup/test-stack.ts"

let stack: Awaited<ReturnType<typeof startTestStack>>

beforeEach(async () => {
  stack = await startTestStack()
})
afterEach(() => stack.stop())

function status(): SupervisorFile {
  const main = path.join(repositoryRoot(), "local/cli/status.ts")
  const { stdout } = spawnSync(process.execPath, [main, "--json"], { env: stack.env, encoding: "utf8" })
  return SupervisorFile.parse(JSON.parse(stdout))
}

/** Whatever names the stack's data folder in its arguments or its environment; zombies name nothing. */
function processesOfTheStack(): number[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
  return pids.map(Number).filter((pid) => {
    try {
      const text = ["environ", "cmdline"].map((file) => readFileSync(`/proc/${pid}/${file}`, "utf8")).join("")
      return text.includes(stack.state.dataFolder)
    } catch {
      return false
    }
  })
}

test("a part that is killed is back within seconds, and the stack with it", async () => {
  const before = status()
  const names = before.parts.map(({ name }) => name)

  for (const { pid } of before.parts) if (pid !== undefined) process.kill(pid, "SIGKILL")

  await poll("all parts to answer again", async () =>
    status().parts.every(({ state, restarts }) => state === "healthy" && restarts === 1),
  )
  expect(names).toEqual(expect.arrayContaining(["storage", "service-bus", "front", "registry", "host"]))
  expect(status().pid).toBe(before.pid)
})

test("nothing outlives a stack that is killed, the engine and its containers included, and it starts again", async () => {
  const before = status()
  expect(processesOfTheStack().length).toBeGreaterThanOrEqual(before.parts.length)

  process.kill(before.pid, "SIGKILL")

  // The plain registry beside the stack is the test's own and has another folder.
  await poll("all processes to be gone", async () => processesOfTheStack().length === 0, 10)
  await startDetached(stack.env)
  expect(status()).toMatchObject({ state: "ready", url: before.url, registry: before.registry })
})
