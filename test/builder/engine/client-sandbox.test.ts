import { expect, test } from "vitest"
import { clientSandbox } from "../../../builder/engine/client-sandbox.ts"
import type { EngineChoice } from "../../../builder/engine/engine.ts"

function sandboxFor(env: Record<string, string>, caFile?: string) {
  const choice: EngineChoice = {
    ...{ dialect: "docker", command: "/opt/engine/docker", buildxCommand: "/usr/libexec/buildx" },
    ...{ version: "28", env, cache: "registry", reason: "" },
  }
  return clientSandbox({ bwrap: "/usr/bin/bwrap", choice, workFolder: "/run/w", sourceFolders: ["/src"], caFile })
}

/** What can be seen inside, by how it is mounted there. */
function seen(args: string[], option: string): (string | undefined)[] {
  return args.flatMap((word, at) => (word === option ? [args[at + 1]] : []))
}

test("a client sees the run's folders, its own program and the socket, and can write only to the run and the socket", () => {
  const call = sandboxFor({})?.({ command: "/opt/engine/docker", args: ["buildx", "--x"] })
  const args = call?.args ?? []

  expect(call?.command).toBe("/usr/bin/bwrap")
  expect(seen(args, "--bind")).toEqual(["/run/w", "/var/run/docker.sock"])
  expect(seen(args, "--ro-bind")).toEqual(["/usr", "/opt/engine", "/src"])
  expect(args.slice(args.indexOf("--"))).toEqual(["--", "/opt/engine/docker", "buildx", "--x"])
})

test("of the machine's settings it sees those that say whom to trust, and no home and no key", () => {
  const args = sandboxFor({}, "/own/ca.pem")?.({ command: "x", args: [] }).args ?? []
  const settings = seen(args, "--ro-bind-try")

  expect(settings).toEqual(expect.arrayContaining(["/etc/ssl", "/own/ca.pem"]))
  expect(settings.filter((path) => /^\/(?:root|home|var)|shadow|^\/etc$/.test(path ?? ""))).toEqual([])
})

test("it has no rights but that to read what the run's steps have written", () => {
  const args = sandboxFor({})?.({ command: "x", args: [] }).args ?? []

  expect(args.join(" ")).toContain("--cap-drop ALL --cap-add CAP_DAC_OVERRIDE")
  expect(seen(args, "--cap-add")).toHaveLength(1)
})

test("the socket is the chosen engine's, and without one of this machine there is no sandbox", () => {
  const args = sandboxFor({ DOCKER_HOST: "unix:///run/other.sock" })?.({ command: "x", args: [] }).args ?? []

  expect(seen(args, "--bind")).toEqual(["/run/w", "/run/other.sock"])
  expect(sandboxFor({ DOCKER_HOST: "tcp://engine.example:2376" })).toBeUndefined()
})
