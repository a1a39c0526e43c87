import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import path from "node:path"
import { describe, expect, onTestFinished, test } from "vitest"
import { appSettings } from "../../local/app-settings.ts"
import { readLocalSettings } from "../../local/config.ts"
import { freePort } from "../../local/free-port.ts"
import { createFrontPart } from "../../local/front/front-part.ts"
import { createFunctionsHostPart } from "../../local/functions-host/functions-host-part.ts"
import { createServiceBusPart } from "../../local/service-bus/service-bus-part.ts"
import { openStack, readStack } from "../../local/stack.ts"
import { createStoragePart } from "../../local/storage/storage-part.ts"
import { readSettings } from "../../shared/config.ts"
import { temporaryFolder } from "./supervisor/test-processes.ts"

const host = "127.0.0.1"
const taken = new Set<number>()
const anyPort = () => freePort(host, taken)

async function optionsFor() {
  const ports = { frontPort: await anyPort(), registryPort: await anyPort() }
  return { dataFolder: path.join(temporaryFolder(), "data"), host, env: {}, ...ports }
}

async function occupy(port: number) {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(port, host, resolve))
  onTestFinished(() => void server.close())
}

describe("openStack", () => {
  test("makes a stack once and keeps it", async () => {
    const options = await optionsFor()

    const first = await openStack(options)
    const second = await openStack({ ...options, frontPort: undefined, registryPort: undefined })

    expect(second).toEqual(first)
    expect(await readStack(options.dataFolder)).toEqual(first)
  })

  test("two stacks share neither ports nor ids, keys or passwords", async () => {
    const one = await openStack(await optionsFor())
    const two = await openStack(await optionsFor())

    for (const key of ["tenantId", "secretKey", "hostPort", "registryEventsToken", "storageAccount"] as const) {
      if (key === "storageAccount") expect(one[key].key).not.toBe(two[key].key)
      else expect(one[key]).not.toBe(two[key])
    }
    expect(one.principals[0]?.secret).not.toBe(two.principals[0]?.secret)
    expect(one.principals.map(({ kind, roles }) => [kind, ...roles])).toEqual([
      ["servicePrincipal", "admin"],
      ["user", "admin"],
      ["servicePrincipal", "runner"],
      ["servicePrincipal", "reader"],
    ])
  })

  test("nobody else may read what it writes", async () => {
    const options = await optionsFor()

    await openStack(options)

    const mode = (name: string) => statSync(path.join(options.dataFolder, name)).mode & 0o777
    expect(["", "run", "logs", "builds", "az"].map(mode)).toEqual([0o700, 0o700, 0o700, 0o700, 0o700])
    expect(["stack.json", "az-secret", "ca/server.key"].map(mode)).toEqual([0o600, 0o600, 0o600])
    expect(existsSync(path.join(options.dataFolder, "ca/bundle.pem"))).toBe(true)
    expect(readFileSync(path.join(options.dataFolder, "env.sh"), "utf8")).toContain(`localhost:${options.frontPort}`)
  })

  test("an inner port that another program has taken is chosen anew, the rest stays", async () => {
    const options = await optionsFor()
    const first = await openStack(options)
    await occupy(first.blobPort)

    const second = await openStack(options)

    expect(second.blobPort).not.toBe(first.blobPort)
    expect({ ...second, blobPort: 0 }).toEqual({ ...first, blobPort: 0 })
  })

  test("the front moves with its setting", async () => {
    const options = await optionsFor()
    await openStack(options)
    const frontPort = await anyPort()

    await openStack({ ...options, frontPort })

    expect((await readStack(options.dataFolder))?.frontPort).toBe(frontPort)
    expect(readFileSync(path.join(options.dataFolder, "env.sh"), "utf8")).toContain(`localhost:${frontPort}`)
  })

  test("a taken front port is named together with the setting that moves it", async () => {
    const options = await optionsFor()
    await occupy(options.frontPort)

    await expect(openStack(options)).rejects.toThrow(`port ${options.frontPort} is taken by another program: choose`)
  })

  test("the registry's port is kept for good", async () => {
    const options = await optionsFor()
    await openStack(options)

    await expect(openStack({ ...options, registryPort: await anyPort() })).rejects.toThrow(/for good/)

    await occupy(options.registryPort)
    await expect(openStack(options)).rejects.toThrow(`port ${options.registryPort}, which this stack's registry keeps`)
  })

  test("only the front leaves this machine with SLIPWAY_HOST=0.0.0.0", async () => {
    const stack = await openStack({ ...(await optionsFor()), host: "0.0.0.0" })
    const hostOptions = { bundlePath: "/app.mjs", hostJsonPath: "/host.json", appSettings: appSettings(stack, {}) }

    const front = createFrontPart(stack)
    const inner = [createStoragePart(stack), createServiceBusPart(stack), createFunctionsHostPart(stack, hostOptions)]

    expect(JSON.parse(front.env.SLIPWAY_PART ?? "")).toMatchObject({ host: "0.0.0.0", upstreamHost: "127.0.0.1" })
    for (const { env } of inner) expect(JSON.parse(env.SLIPWAY_PART ?? "")).toMatchObject({ host: "127.0.0.1" })
    expect(JSON.stringify(inner)).not.toContain("0.0.0.0")
  })

  test("a stack.json that cannot be read is named, never replaced", async () => {
    const options = await optionsFor()
    await openStack(options)
    const file = path.join(options.dataFolder, "stack.json")
    writeFileSync(file, '{"v":1')

    await expect(openStack(options)).rejects.toThrow(file)

    expect(readFileSync(file, "utf8")).toBe('{"v":1')
  })
})

describe("settings", () => {
  test("of the service made from a stack are complete, and the operator's own win", async () => {
    const stack = await openStack(await optionsFor())

    const settings = readSettings(appSettings(stack, { SLIPWAY_SWEEP_SCHEDULE: "* * * * * *", PATH: "/bin" }))

    expect(settings).toMatchObject({
      SLIPWAY_PUBLIC_URL: `https://localhost:${stack.frontPort}`,
      SLIPWAY_SWEEP_SCHEDULE: "* * * * * *",
      SLIPWAY_REGISTRIES: [{ name: "slipway", loginServer: `127.0.0.1:${stack.registry.port}` }],
    })
    expect(appSettings(stack, { PATH: "/bin" })).not.toHaveProperty("PATH")
  })

  test("name further registries beside the stack's own, and a mistake in one by its field", async () => {
    const stack = await openStack(await optionsFor())
    const extra = { name: "mirror", loginServer: "127.0.0.1:6000", isInsecure: true }

    const settings = readSettings(appSettings(stack, { SLIPWAY_EXTRA_REGISTRIES: JSON.stringify([extra]) }))

    expect(settings.SLIPWAY_REGISTRIES).toMatchObject([{ name: "slipway" }, extra])
    expect(() => readLocalSettings({ SLIPWAY_EXTRA_REGISTRIES: '[{"name":"x"}]' })).toThrow(
      /SLIPWAY_EXTRA_REGISTRIES.0.name: /,
    )
  })

  test("that bindings name are there even where nobody set them", async () => {
    const stack = await openStack(await optionsFor())

    expect(appSettings(stack, {})).toMatchObject({ SLIPWAY_RUNS_QUEUE: "runs", SLIPWAY_PURGE_SCHEDULE: "0 0 3 * * *" })
  })

  test("of the local stack report every mistake at once", () => {
    const read = () => readLocalSettings({ SLIPWAY_PORT: "70000", SLIPWAY_HOST: "example", SLIPWAY_MAX_BUILDERS: "no" })

    expect(read).toThrow(/SLIPWAY_PORT: .*SLIPWAY_HOST: must be 127.0.0.1.*SLIPWAY_MAX_BUILDERS: /s)
  })

  test("of the local stack have defaults, an empty one counting as none", () => {
    const settings = readLocalSettings({ SLIPWAY_PORT: "" })

    expect(settings).toMatchObject({ SLIPWAY_DATA: path.resolve(".slipway"), SLIPWAY_HOST: "127.0.0.1" })
    expect(settings.SLIPWAY_PORT).toBeUndefined()
  })
})
