import { z } from "zod"
import type { EngineCandidate } from "./engine-candidates.ts"
import { probeContainer } from "./probe-container.ts"
import type { ProbeAnswer, ProbeCall } from "./probe-engine.ts"

const Server = z.object({
  Version: z.string(),
  Arch: z.string(),
  Components: z.array(z.object({ Name: z.string() })).nullish(),
})
const DriverStatus = z.array(z.tuple([z.string(), z.string()])).nullable()

/** BuildKit puts all builds on the default bridge, and docker's own setting lets containers there talk to each other. */
const OPEN_BRIDGE = "; builds at the same time can reach each other by address: this engine's default bridge has icc on"

/** docker counts with buildx and a daemon that is Docker Engine: podman's imitation has no BuildKit (engines 6, 20). */
export async function probeDocker(candidate: EngineCandidate, call: ProbeCall): Promise<ProbeAnswer> {
  const { command, buildxCommand, env } = candidate
  const version = await call(command, ["version", "--format", "{{json .Server}}"], { env })
  if (!version.isSuccess) return no(version.why)
  const server = Server.safeParse(json(version.stdout)).data
  if (server === undefined) return no("its version cannot be read")
  if (server.Components?.some(({ Name }) => /podman/i.test(Name))) return no("it is podman behind docker's API")
  if (buildxCommand === undefined) return no("it has no buildx")
  const buildx = await call(buildxCommand, ["inspect", "default"], { env })
  if (!buildx.isSuccess || !/buildkit/i.test(buildx.stdout))
    return no(`its buildx does not reach BuildKit: ${buildx.why}`)
  const failure = await probeContainer(call, command, env, server.Arch)
  if (failure !== undefined) return no(`it cannot run a container: ${failure}`)

  const { stdout } = await call(command, ["info", "--format", "{{json .DriverStatus}}"], { env })
  const status = DriverStatus.safeParse(json(stdout)).data ?? []
  const isContainerd = status.some(([name, value]) => name === "driver-type" && value.startsWith("io.containerd"))
  const cache = isContainerd ? "registry" : "inline"
  const icc = "com.docker.network.bridge.enable_icc"
  const bridge = await call(command, ["network", "inspect", "--format", `{{index .Options "${icc}"}}`, "bridge"], {
    env,
  })
  const isOpen = candidate.isBridgeIsolated !== true && bridge.stdout.trim() !== "false"
  return {
    isChosen: true,
    choice: {
      dialect: "docker",
      command,
      buildxCommand,
      version: server.Version,
      env,
      cache,
      isBridgeIsolated: !isOpen,
    },
    note: `docker ${server.Version} with BuildKit${isOpen ? OPEN_BRIDGE : ""}`,
  }
}

function no(why: string): ProbeAnswer {
  return { isChosen: false, why }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
