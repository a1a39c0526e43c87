import { spawn } from "node:child_process"
import { once } from "node:events"
import path from "node:path"
import { expect, test, vi } from "vitest"
import { lockFile } from "../../../local/supervisor/lock-file.ts"
import { temporaryFolder } from "./test-processes.ts"

test("a lock is held once and can be given back", () => {
  const file = path.join(temporaryFolder(), "lock")

  const first = lockFile(file)
  const second = lockFile(file)
  first?.release()
  const third = lockFile(file)

  expect([first, second, third].map((lock) => lock !== undefined)).toEqual([true, false, true])
  third?.release()
})

test("a lock does not outlive the process that held it, even when that was killed", async () => {
  const file = path.join(temporaryFolder(), "lock")
  const module = path.resolve(import.meta.dirname, "../../../local/supervisor/lock-file.ts")
  const code = `import(${JSON.stringify(module)}).then(({ lockFile }) => {
    process.stdout.write(String(lockFile(${JSON.stringify(file)}) !== undefined)); setInterval(() => {}, 1000) })`
  const holder = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", "-e", code])
  const [answer] = await once(holder.stdout, "data")
  expect([String(answer), lockFile(file)]).toEqual(["true", undefined])

  holder.kill("SIGKILL")

  await vi.waitFor(() => {
    const lock = lockFile(file)
    expect(lock).toBeDefined()
    lock?.release()
  })
})
