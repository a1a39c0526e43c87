import { expect, test } from "vitest"
import { createProcessRunner, type Invocation } from "../../../builder/engine/run-process.ts"

const start = () => createProcessRunner({ env: { PATH: "/usr/bin:/bin" }, wrap: (call) => call })
const shell = (script: string, more: Partial<Invocation> = {}) => ({
  command: "/bin/sh",
  args: ["-c", script],
  ...more,
})
async function run(call: Invocation) {
  const lines: string[] = []
  const result = await start().run(call, (line, stream) => lines.push(`${stream}: ${line}`))
  return { ...result, lines }
}

test("both streams are read apart and the exit code is passed on", async () => {
  const { exitCode, lines } = await run(shell("echo out; echo err >&2; printf last; exit 7"))

  expect(exitCode).toBe(7)
  expect(lines.toSorted()).toEqual(["stderr: err", "stdout: last", "stdout: out"])
})

test("the environment is what was given and nothing of ours", async () => {
  const { lines } = await run({ command: "/usr/bin/env", args: [], env: { A: "1\n2" } })

  expect(lines.toSorted()).toEqual(["stdout: 2", "stdout: A=1", "stdout: PATH=/usr/bin:/bin"])
})

test("input arrives whole, and a program that does not read it is no failure", async () => {
  const input = "x".repeat(5_000_000)

  expect((await run(shell("wc -c", { input }))).lines).toEqual(["stdout: 5000000"])
  expect((await run(shell("exit 0", { input }))).exitCode).toBe(0)
})

test("a program that a signal ended has no exit code; time-outs kill its whole group", async () => {
  const killed = await run(shell("kill -9 $$"))
  const before = Date.now()
  const late = await run(shell("sleep 60 & wait", { timeoutMs: 100 }))

  expect(killed).toMatchObject({ exitCode: undefined, signal: "SIGKILL" })
  expect(late.signal).toBe("SIGKILL")
  expect(Date.now() - before).toBeLessThan(10_000)
})

test("a program that is not there is an engine that is not there", async () => {
  await expect(run({ command: "/nonexistent", args: [] })).rejects.toMatchObject({ code: "EngineUnavailable" })
})

test("abort ends what runs, with all that it started, and refuses what comes later", async () => {
  const runner = start()
  let begun = () => {}
  const isRunning = new Promise<void>((resolve) => {
    begun = resolve
  })
  const pending = runner.run(shell("echo begun; sleep 60 & sleep 60"), () => begun()).catch((error: unknown) => error)
  await isRunning

  runner.abort()
  runner.abort()

  expect(await pending).toMatchObject({ code: "Aborted" })
  await expect(runner.run(shell("true"), () => {})).rejects.toMatchObject({ code: "Aborted" })
})
