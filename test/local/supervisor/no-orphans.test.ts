import { spawn } from "node:child_process"
import { once } from "node:events"
import path from "node:path"
import { describe, expect, onTestFinished, test, vi } from "vitest"
import { canMakeNamespaces } from "../../../local/supervisor/child-command.ts"
import { childrenOf, processStartTime } from "../../../local/supervisor/process-info.ts"
import type { PartStatus } from "../../../local/supervisor/run-part.ts"
import { pidsWith, temporaryFolder } from "./test-processes.ts"

/** Starts a supervisor of its own whose parts carry a number in their arguments by which they are found. */
async function startSupervisor(mark: string) {
  const main = path.join(import.meta.dirname, "fixtures/supervisor-process.ts")
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", main, temporaryFolder(), mark], {
    stdio: ["ignore", "pipe", "inherit"],
  })
  onTestFinished(() => {
    child.kill("SIGKILL")
  })
  const [line] = await once(child.stdout, "data")
  const parts: PartStatus[] = JSON.parse(String(line))
  const pidOf = (name: string) => parts.find((part) => part.name === name)?.pid ?? 0
  return { child, pidOf }
}

describe("nothing outlives", { skip: !(await canMakeNamespaces()) }, () => {
  test("a supervisor that is killed with SIGKILL", async () => {
    const mark = "86400.25"
    const { child } = await startSupervisor(mark)
    expect(pidsWith(mark).length).toBeGreaterThanOrEqual(4)

    child.kill("SIGKILL")

    await vi.waitFor(() => expect(pidsWith(mark)).toEqual([]))
  })

  test("the wrapper of a namespaced part that is killed", async () => {
    const mark = "86400.26"
    const { pidOf } = await startSupervisor(mark)
    const wrapper = pidOf("namespaced")
    const below = [...childrenOf(wrapper), ...pidsWith(`sleep ${mark}`)]

    process.kill(wrapper, "SIGKILL")

    expect(below).toHaveLength(2)
    await vi.waitFor(() => expect(below.filter(processStartTime)).toEqual([]))
  })

  test("the inner process of a namespaced part that is killed", async () => {
    const mark = "86400.27"
    const { pidOf } = await startSupervisor(mark)
    const wrapper = pidOf("namespaced")
    const [inner = 0] = childrenOf(wrapper)
    const others = [wrapper, ...pidsWith(`sleep ${mark}`)]

    process.kill(inner, "SIGKILL")

    expect(others).toHaveLength(2)
    await vi.waitFor(() => expect(others.filter(processStartTime)).toEqual([]))
  })
})

test("a plain part dies with a supervisor that is killed, without any privilege", async () => {
  const { child, pidOf } = await startSupervisor("86400.28")
  const plain = pidOf("plain")

  child.kill("SIGKILL")

  await vi.waitFor(() => expect(processStartTime(plain)).toBeUndefined())
})
