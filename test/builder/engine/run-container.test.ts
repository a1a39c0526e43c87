import { readFile, stat, writeFile } from "node:fs/promises"
import { PassThrough } from "node:stream"
import { describe, expect, test } from "vitest"
import type { ContainerOptions } from "../../../builder/engine/container-options.ts"
import { runContainer } from "../../../builder/engine/run-container.ts"
import { type Answer, recordingSession } from "./recording-session.ts"

/** What a client does when the engine has made the container: then it has an id. */
async function writeId(args: string[]): Promise<void> {
  const file = args.find((word) => word.startsWith("--cidfile="))?.slice("--cidfile=".length)
  if (file !== undefined) await writeFile(file, "id")
}

async function worldOf(changes: Partial<ContainerOptions> = {}, answer: Answer = { exitCode: 0 }, isMade = true) {
  const world = await recordingSession(async ({ args }) => {
    if (args[0] !== "run") return { exitCode: 0 }
    if (isMade) await writeId(args)
    return answer
  })
  const options: ContainerOptions = {
    ...{ name: "1", alias: "one", image: "r.io/a:1", arguments: ["--privileged", "x"], env: [], mounts: [] },
    ...{ network: "net", workingDirectory: "/workspace", entryPoint: undefined, user: undefined },
    ...{ isolation: undefined, cpus: undefined, expose: [], isPrivileged: false, platform: "linux/amd64" },
    ...{ pull: "missing", options: [], isDetached: false, maxProcesses: 50 },
    streams: { stdout: new PassThrough(), stderr: new PassThrough() },
    signal: new AbortController().signal,
    ...changes,
  }
  return { ...world, run: () => runContainer(world.session, options), args: () => world.calls[0]?.args ?? [] }
}

describe("the words for a container", () => {
  test("say what the run needs last, so that no option of a step undoes it", async () => {
    const options = ["--pids-limit=9999", "--name=other", "--log-driver=syslog"]
    const { run, args } = await worldOf({ options })

    await run()

    expect(args()).toEqual(expect.arrayContaining(options))
    const last = (option: string) => args().findLast((word) => word.startsWith(`--${option}=`))
    expect(last("pids-limit")).toBe("--pids-limit=50")
    expect(last("name")).toBe("--name=slipway-ca1-1")
    expect(last("log-driver")).toBe("--log-driver=none")
    expect(args()).toEqual(expect.arrayContaining(["--rm", "--label=slipway.run=ca1", "--network-alias=one"]))
  })

  test.each(["host", "none"])("give no name on the network %s, which has none", async (network) => {
    const { run, args } = await worldOf({ network })

    await run()

    expect(args()).toContain(`--network=${network}`)
    expect(args().join(" ")).not.toContain("--network-alias")
  })

  test("let the options of a step's text win over what the step says beside it, as in ACR", async () => {
    const options = ["--workdir=/tmp", "--user=1000", "--entrypoint=/bin/sh", "--cpus=1"]
    const { run, args } = await worldOf({ options, user: "root", entryPoint: "/init", cpus: "2" })

    await run()

    const last = (option: string) => args().findLast((word) => word.startsWith(`--${option}=`))
    expect(["workdir", "user", "entrypoint", "cpus"].map(last)).toEqual(options)
    expect(args()).toEqual(expect.arrayContaining(["--workdir=/workspace", "--user=root", "--entrypoint=/init"]))
  })

  test("end with the image and its arguments, which are no options any more", async () => {
    const { run, args } = await worldOf()

    await run()

    expect(args().slice(-4)).toEqual(["--", "r.io/a:1", "--privileged", "x"])
    expect(args().slice(0, -4)).not.toContain("--privileged")
  })

  test("keep a path with a comma or a quote one field of its mount", async () => {
    const { run, args } = await worldOf({
      mounts: [
        { source: '/a,readonly"b', target: "/x", isReadOnly: true },
        { source: "tmpfs", target: "/y", isReadOnly: false },
        { source: "anonymous", target: "/z", isReadOnly: false },
        { source: "slipway-ca1-v", target: "/v", isReadOnly: false },
      ],
    })

    await run()

    expect(args().filter((word) => word.startsWith("--mount="))).toEqual([
      '--mount=type=bind,"source=/a,readonly""b",target=/x,readonly',
      "--mount=type=tmpfs,target=/y",
      "--mount=type=volume,target=/z",
      "--mount=type=volume,source=slipway-ca1-v,target=/v",
    ])
  })

  test("of a detached one leave it to the end of the run", async () => {
    const { run, args } = await worldOf({ isDetached: true })

    await run()

    expect(args()).toContain("--detach")
    expect(args()).not.toContain("--rm")
  })
})

describe("the environment of a container", () => {
  test("goes by a file that only we can read; the last one of a name counts", async () => {
    const { run, args, folder } = await worldOf({ env: ["A=1", "TOKEN=s3cret", "A=2=3", "ALONE"] })

    await run()

    expect(args()).toContain(`--env-file=${folder}/1.env`)
    expect(args().join(" ")).not.toContain("s3cret")
    expect(await readFile(`${folder}/1.env`, "utf8")).toBe("A=2=3\nTOKEN=s3cret\n")
    expect((await stat(`${folder}/1.env`)).mode & 0o077).toBe(0)
  })

  test("with line breaks goes by the client's own, unless its name would change what the client does", async () => {
    const { run, args, calls } = await worldOf({ env: ["KEY=a\nb", "LD_PRELOAD=c\nd"] })

    await run()

    expect(calls[0]?.env).toEqual({ KEY: "a\nb" })
    expect(args().filter((word) => word.startsWith("--env"))).toEqual(["--env=KEY", "--env=LD_PRELOAD=c\nd"])
  })
})

describe("how a container ended", () => {
  test("is its program's exit code, 125 too, once there is a container", async () => {
    const { run } = await worldOf({}, { exitCode: 125, stderr: "Error: of the program\n" })

    expect(await run()).toEqual({ exitCode: 125 })
  })

  test("is in the engine's words when there never was one", async () => {
    const stderr = "docker: Error response from daemon: unable to find user x.\n\nRun 'docker run --help'\n"
    const { run } = await worldOf({}, { exitCode: 125, stderr }, false)

    expect(await run()).toEqual({ exitCode: 125, reason: "unable to find user x" })
  })

  test("is a failure of the network where its image was not reached, for another attempt", async () => {
    const stderr =
      'docker: Error response from daemon: Get "https://r.io/v2/": dial tcp 10.0.0.1:443: connect: connection refused\n'
    const { run } = await worldOf({}, { exitCode: 125, stderr }, false)

    await expect(run()).rejects.toMatchObject({ code: "RegistryUnavailable" })
  })

  test("is by its name when the run is stopped: the client's end would not end it", async () => {
    const stop = new AbortController()
    const killed = Promise.withResolvers<void>()
    const { session, calls } = await recordingSession(async ({ args }) => {
      if (args[0] === "kill") killed.resolve()
      else await killed.promise
      return { exitCode: 137 }
    })
    const { signal } = stop
    const streams = { stdout: new PassThrough(), stderr: new PassThrough() }
    const options = { ...{ name: "1", alias: undefined, image: "a", arguments: [], env: [], mounts: [], options: [] } }
    const ended = runContainer(session, {
      ...options,
      ...{ network: undefined, workingDirectory: undefined, entryPoint: undefined, user: undefined },
      ...{ isolation: undefined, cpus: undefined, expose: [], isPrivileged: false, platform: "linux/amd64" },
      ...{ pull: "never", isDetached: false, maxProcesses: 1, streams, signal },
    })

    stop.abort()

    expect(await ended).toEqual({ exitCode: 137 })
    expect(calls.filter(({ args }) => args[0] === "kill")[0]?.args).toEqual(["kill", "slipway-ca1-1"])
  })
})
