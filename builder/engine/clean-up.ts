import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import type { EngineChoice } from "./engine.ts"
import type { ProcessRunner } from "./run-process.ts"

/** Every container, network and volume of a run carries it, with the run id as its value. */
export const RUN_LABEL = "slipway.run"

type Cleaner = { choice: EngineChoice; runId: string; runner: ProcessRunner }

/** As often as is looked again, and the pause before: containers that were killed go by themselves, which takes a moment. */
const ROUNDS = 10
const PAUSE_MS = 200

/** Removes what carries the run's label, then its local images. Best effort: what cannot be removed is left. */
export async function cleanUp(cleaner: Cleaner, localNames: string[]): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) {
    if (round > 0) await delay(PAUSE_MS)
    if (await removeLabelled(cleaner)) break
  }
  if (localNames.length > 0) await list(cleaner, ["rmi", "--force", ...localNames])
}

/**
 * One round; true when there is nothing to look for again. Containers go one by one: podman 4.3 removes none of several when one of them
 * has just gone, and no network of one that is left.
 */
async function removeLabelled(cleaner: Cleaner): Promise<boolean> {
  const isOurs = `label=${RUN_LABEL}=${cleaner.runId}`
  const [containers, volumes, networks] = await Promise.all([
    list(cleaner, ["ps", "--all", "--quiet", "--filter", isOurs]),
    list(cleaner, ["volume", "ls", "--quiet", "--filter", isOurs]),
    list(cleaner, ["network", "ls", "--quiet", "--filter", isOurs]),
  ])
  // `rm -f` alone waits 10 s for a container that ignores TERM (engines 6, difference 6).
  if (containers.length > 0) await list(cleaner, ["kill", ...containers])
  await Promise.all(containers.map((one) => list(cleaner, ["rm", "--force", "--volumes", one])))
  await Promise.all([
    volumes.length > 0 && list(cleaner, ["volume", "rm", "--force", ...volumes]),
    networks.length > 0 && list(cleaner, networkRemoval(networks)),
  ])
  // A volume or network without a container is gone at the first try.
  return containers.length === 0
}

/** The engine's words to remove networks. */
export function networkRemoval(names: readonly string[]): string[] {
  return ["network", "rm", ...names]
}

/**
 * Removes the containers in which killed podman builds worked. They carry no label and a name of podman's choice; each one
 * has a description that names its network, which is the run's own.
 */
export async function removeAbandonedBuilds(cleaner: Cleaner, network: string): Promise<void> {
  const [root] = await list(cleaner, ["info", "--format", "{{.Store.GraphRoot}}|{{.Store.GraphDriverName}}"])
  const [folder = "", driver = ""] = root?.split("|") ?? []
  const containers = join(folder, `${driver}-containers`)
  const names = await readdir(containers).catch(() => [])
  const abandoned = await Promise.all(
    names.map(async (name) => {
      const description = await readFile(join(containers, name, "userdata", "buildah.json"), "utf8").catch(() => "")
      return description.includes(JSON.stringify(network)) ? [name] : []
    }),
  )
  if (abandoned.flat().length > 0) await list(cleaner, ["rm", "--force", ...abandoned.flat()])
}

async function list({ choice, runner }: Cleaner, args: string[]): Promise<string[]> {
  const lines: string[] = []
  const call = { command: choice.command, args, timeoutMs: 20_000 }
  await runner
    .run(call, (line, stream) => stream === "stdout" && line.trim() !== "" && lines.push(line.trim()))
    .catch(() => {})
  return lines
}
