import { execFile } from "node:child_process"
import { promisify } from "node:util"
import type { EngineChoice } from "../../builder/engine/engine.ts"

const run = promisify(execFile)
const TIMEOUT_MS = 30_000

/**
 * Removes the containers, networks and volumes that carry a label (`key=value`), running or not. Returns what it removed,
 * for the log. Errors: what the engine printed, when it cannot be asked or keeps something.
 */
export async function removeEngineLeftovers(
  choice: EngineChoice,
  label: string,
  env: Record<string, string>,
): Promise<string[]> {
  const engine = async (...args: string[]): Promise<string[]> => {
    const options = { env: { ...env, ...choice.env }, timeout: TIMEOUT_MS, killSignal: "SIGKILL" as const }
    const { stdout } = await run(choice.command, args, options)
    return stdout.split("\n").filter((line) => line !== "")
  }
  const filter = ["--filter", `label=${label}`]
  const [containers, networks, volumes] = await Promise.all([
    engine("ps", "--all", "--quiet", "--no-trunc", ...filter),
    engine("network", "ls", "--quiet", ...filter),
    engine("volume", "ls", "--quiet", ...filter),
  ])
  if (containers.length > 0) {
    // Podman's `rm --force` waits ten seconds for a container that ignores SIGTERM (engines 6, difference 6).
    await engine("kill", ...containers).catch(() => undefined)
    await engine("rm", "--force", "--volumes", ...containers)
  }
  await Promise.all([
    networks.length > 0 && engine("network", "rm", ...networks),
    volumes.length > 0 && engine("volume", "rm", "--force", ...volumes),
  ])
  return [...name("container", containers), ...name("network", networks), ...name("volume", volumes)]
}

function name(kind: string, ids: string[]): string[] {
  return ids.map((id) => `${kind} ${id.slice(0, 64)}`)
}
