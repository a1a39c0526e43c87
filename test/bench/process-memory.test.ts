import { spawn } from "node:child_process"
import { once } from "node:events"
import { expect, onTestFinished, test, vi } from "vitest"
import { memoryOfTree } from "../../bench/process-memory.ts"

test("a process counts with everything that it has started", async () => {
  const child = spawn("sh", ["-c", "sleep 60 & echo; wait"], { stdio: ["ignore", "pipe", "ignore"], detached: true })
  onTestFinished(() => {
    process.kill(-(child.pid ?? 0), "SIGKILL")
  })
  await once(child.stdout, "data")

  await vi.waitFor(async () => {
    const processes = await memoryOfTree(child.pid ?? 0)
    // Forked and not yet replaced, the child is a shell still.
    expect(processes.map(({ name }) => name)).toEqual(["sh", "sleep"])
    expect(processes.every(({ pssMegabytes }) => pssMegabytes > 0)).toBe(true)
  })
})

test("a process that is gone counts nothing", async () => {
  const child = spawn("true")
  await once(child, "close")

  expect(await memoryOfTree(child.pid ?? 0)).toEqual([])
})
