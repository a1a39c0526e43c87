import { mkdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { findProgram } from "./client-environment.ts"
import type { EngineCandidate } from "./engine-candidates.ts"
import { probeContainer } from "./probe-container.ts"
import type { ProbeAnswer, ProbeCall } from "./probe-engine.ts"

/** podman knows `--cache-to` since then. */
const CACHE_SINCE = { major: 4, minor: 3 }

/**
 * podman as it is set up here; where that cannot run a container, with settings of ours (engines 2): limits that this
 * machine allows, runc and plain cgroups, which mixed cgroup hierarchies need.
 */
export async function probePodman(candidate: EngineCandidate, call: ProbeCall, folder: string): Promise<ProbeAnswer> {
  const { command, env } = candidate
  const info = await call(command, ["info", "--format", "{{.Version.Version}} {{.Host.Arch}}"], { env })
  const [version, architecture] = info.stdout.split(" ")
  if (!info.isSuccess || version === undefined || architecture === undefined) return { isChosen: false, why: info.why }
  const chosen = (environment: Record<string, string>, how: string): ProbeAnswer => {
    const cache = hasCache(version) ? "registry" : "none"
    const choice = { dialect: "podman" as const, command, version, architecture, env: environment, cache } as const
    return { isChosen: true, choice, note: `podman ${version}${how}` }
  }

  const failure = await probeContainer(call, command, env, architecture)
  if (failure === undefined) return chosen(env, "")
  const ours = { ...env, CONTAINERS_CONF: await writeSettings(folder) }
  const secondFailure = await probeContainer(call, command, ours, architecture)
  if (secondFailure === undefined) return chosen(ours, " with settings for this machine")
  return { isChosen: false, why: `it cannot run a container: ${failure}` }
}

function hasCache(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number)
  return major > CACHE_SINCE.major || (major === CACHE_SINCE.major && minor >= CACHE_SINCE.minor)
}

async function writeSettings(folder: string): Promise<string> {
  const limits = await readFile("/proc/self/limits", "utf8").catch(() => "")
  const hard = (name: string, most: number) => {
    const value = Number(new RegExp(`^${name}\\s+\\S+\\s+(\\d+)`, "m").exec(limits)?.[1] ?? most)
    return Math.min(value, most)
  }
  const files = hard("Max open files", 1_048_576)
  const processes = hard("Max processes", 32_768)
  const runc = await findProgram("runc")
  const path = join(folder, "containers.conf")
  const lines = [
    "[containers]",
    `default_ulimits = ["nofile=${files}:${files}", "nproc=${processes}:${processes}"]`,
    "[engine]",
    'cgroup_manager = "cgroupfs"',
    'events_logger = "file"',
    ...(runc === undefined ? [] : ['runtime = "runc"']),
  ]
  await mkdir(folder, { recursive: true })
  await writeFile(path, `${lines.join("\n")}\n`)
  return path
}
