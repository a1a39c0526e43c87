import { existsSync } from "node:fs"
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { addressPool } from "../../../local/engine/address-pool.ts"
import { networksInUse } from "../../../local/engine/networks-in-use.ts"
import { controlGroups, hear, mountsBelow, networkTraces, processesNaming, withIdleBridge } from "./machine.ts"
import { createPrivateEngine, type PrivateEngine } from "./private-engine.ts"

const HELLO = path.join(import.meta.dirname, "..", "..", "..", "examples", "hello")

describe("a private Docker Engine", () => {
  let engine: PrivateEngine
  beforeAll(async () => {
    engine = await createPrivateEngine()
  })
  afterAll(() => engine.remove())

  test("starts, builds examples/hello and runs it", async () => {
    await engine.start()
    await engine.build("-t", "hello", HELLO)

    expect(await engine.docker("run", "--rm", "hello")).toBe("Hello from Slipway!\n")
    expect(await engine.docker("run", "--rm", "--init", "hello")).toBe("Hello from Slipway!\n")
  })

  test("leaves no process and no mount behind when its wrapper is killed, a running container's included", async () => {
    await engine.importBusybox()
    const marker = `3${process.pid}`
    await engine.docker("run", "-d", "busybox", "sleep", marker)
    expect(await processesNaming(`sleep ${marker}`)).not.toEqual([])

    await engine.killWrapper()

    await expect.poll(() => processesNaming(`sleep ${marker}`)).toEqual([])
    await expect.poll(() => processesNaming(engine.dataFolder)).toEqual([])
    expect(await mountsBelow(engine.dataFolder)).toEqual([])
  })

  test("starts again on what was left, with its images, and works", async () => {
    await engine.start()

    expect(await engine.docker("run", "--rm", "hello")).toBe("Hello from Slipway!\n")
    expect(await engine.docker("ps", "-q")).toBe("")
  })

  test("collects the orphans of its containers", async () => {
    for (let run = 0; run < 3; run += 1) await engine.docker("run", "--rm", "hello")

    const script = "cat /proc/[0-9]*/stat 2>/dev/null || :"
    const zombies = async () => {
      const states = await engine.docker("run", "--rm", "--pid", "host", "busybox", "sh", "-c", script)
      return states.split("\n").filter((line) => / Z /.test(line))
    }

    // One that has just ended is still to be collected.
    await expect.poll(zombies, { timeout: 20_000 }).toEqual([])
  })

  test("takes its bridge, its packet rules and its sockets away when it is stopped", async () => {
    expect(await networkTraces(engine.folders.id)).not.toEqual([])
    expect(await controlGroups(engine.folders.id)).not.toEqual([])

    await engine.stop()

    expect(await networkTraces(engine.folders.id)).toEqual([])
    expect(existsSync(engine.folders.run)).toBe(false)
    expect(await controlGroups(engine.folders.id)).toEqual([])
  })
})

test("takes other addresses than a bridge that another stack left behind, though no container is on it", async () => {
  const engine = await createPrivateEngine()
  const { gateway, pool } = addressPool(engine.folders.id, await networksInUse([]))
  await withIdleBridge(gateway, async () => {
    try {
      await engine.start()
      const subnet = await engine.docker("network", "inspect", "-f", "{{(index .IPAM.Config 0).Subnet}}", "bridge")

      expect(pool.split(".").slice(0, 3)).not.toEqual(subnet.split(".").slice(0, 3))
    } finally {
      await engine.remove()
    }
  })
})

test("works in a data folder whose path is too long for sockets", async () => {
  const parent = await mkdtemp(path.join(tmpdir(), "slipway-long-"))
  const deep = path.join(parent, "x".repeat(60))
  await mkdir(deep)
  const engine = await createPrivateEngine(deep)
  try {
    await engine.start()
    await engine.build("-t", "hello", HELLO)

    expect(await engine.docker("run", "--rm", "hello")).toBe("Hello from Slipway!\n")
    expect(engine.folders.socket.startsWith("/run/slipway-")).toBe(true)
  } finally {
    await engine.remove()
    await rm(parent, { recursive: true, force: true })
  }
  expect(existsSync(engine.folders.run)).toBe(false)
})

describe("containers reach only whom they may", () => {
  const PORT = 9000
  const SERVER = ["nc", "-ll", "-p", String(PORT), "-e", "/bin/sh", "-c", "echo reached"]
  let first: PrivateEngine
  let second: PrivateEngine
  beforeAll(async () => {
    ;[first, second] = await Promise.all([createPrivateEngine(), createPrivateEngine()])
    await Promise.all([first.start(), second.start()])
    await Promise.all([first.importBusybox(), second.importBusybox()])
    await first.docker("network", "create", "run-a")
    await first.docker("network", "create", "run-b")
  })
  afterAll(() => Promise.all([first.remove(), second.remove()]))

  /** A server that says "reached", and its address. It answers this machine by then, so that silence means a closed way. */
  async function serve(engine: PrivateEngine, ...options: string[]): Promise<string> {
    const id = (await engine.docker("run", "-d", ...options, "busybox", ...SERVER)).trim()
    const format = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"
    const address = (await engine.docker("inspect", "-f", format, id)).trim()
    await expect.poll(() => hear(address, PORT)).toContain("reached")
    return address
  }

  /** What a client container hears within a second. */
  function ask(engine: PrivateEngine, address: string, ...options: string[]): Promise<string> {
    const script = `nc -w 1 ${address} ${PORT} </dev/null 2>&1 || :`
    return engine.docker("run", "--rm", ...options, "busybox", "sh", "-c", script)
  }

  test("two of one run's network do, by name", async () => {
    await serve(first, "--network", "run-a", "--network-alias", "web")

    expect(await ask(first, "web", "--network", "run-a")).toContain("reached")
  })

  test("two of the default network, where builds are, do not", async () => {
    const address = await serve(first)

    expect(await ask(first, address)).not.toContain("reached")
  })

  test("a RUN of a build does not reach a container on the default network either", async () => {
    const address = await serve(first)
    const context = path.join(first.dataFolder, "context")
    await mkdir(context)
    await writeFile(
      path.join(context, "Dockerfile"),
      `FROM busybox\nRUN nc -w 1 ${address} ${PORT} </dev/null 2>&1 || :\n`,
    )
    const output = await first.build("--no-cache", "-t", "asks", context)

    expect(output).toContain("nc: timed out")
    expect(output).not.toContain("reached")
  })

  test("two runs' networks are apart, and so is the default one", async () => {
    const address = await serve(first, "--network", "run-a")

    expect(await ask(first, address, "--network", "run-b")).not.toContain("reached")
    expect(await ask(first, address)).not.toContain("reached")
  })

  test("two stacks have different addresses and are apart", async () => {
    const own = await serve(first, "--network", "run-a")
    const other = await serve(second)

    expect(other).not.toBe(own)
    expect(await ask(first, other)).not.toContain("reached")
    expect(await ask(first, other, "--network", "run-a")).not.toContain("reached")
    // The other way round, too: what one stack's rules let out, another's must not let in, whoever started last.
    expect(await ask(second, own)).not.toContain("reached")
  })

  test("the machine reaches a published port", async () => {
    const id = (await first.docker("run", "-d", "-p", `127.0.0.1::${PORT}`, "busybox", ...SERVER)).trim()
    const [host = "", port = ""] = (await first.docker("port", id, String(PORT))).trim().split(":")

    await expect.poll(() => hear(host, Number(port))).toContain("reached")
  })
})
