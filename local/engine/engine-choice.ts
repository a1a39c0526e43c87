import path from "node:path"
import type { EngineChoice } from "../../builder/engine/engine.ts"
import { type EngineCandidate, engineCandidates } from "../../builder/engine/engine-candidates.ts"
import { probeEngine } from "../../builder/engine/probe-engine.ts"
import type { LocalSettings } from "../local-settings.ts"
import type { StackState } from "../stack-state.ts"
import { engineFolders } from "./engine-folders.ts"
import { findPrivateDocker } from "./private-docker.ts"
import { writePodmanConfig } from "./write-podman-config.ts"

export type EngineWish = {
  kind: LocalSettings["SLIPWAY_ENGINE_KIND"]
  /** The operator's: it may say where an engine is (DOCKER_HOST and the like). */
  environment: Readonly<Record<string, string | undefined>>
}

type Stack = Pick<StackState, "dataFolder">

/** True when the stack is to start a Docker Engine of its own: asked for, or the machine's docker does not answer. */
export async function isPrivateEngineWanted(stack: Stack, wish: EngineWish): Promise<boolean> {
  if (wish.kind !== "auto") return wish.kind === "private"
  const candidates = await candidatesFor(stack, { ...wish, kind: "docker" })
  if (candidates.length === 0) return true
  return probeEngine(candidates, { settingsFolder: settingsFolder(stack) }).then(
    () => false,
    () => true,
  )
}

/**
 * The engine for the stack's builders, which has just run a container: the machine's docker, the stack's own, podman
 * (contracts, "Local stack"). What was there before us is used as it is; podman gets settings, storage and networks of the
 * stack's own only where it does not run a container without them. Ask when the engine part is healthy.
 * Errors: `EngineUnavailable`, with what was tried; the signal's reason.
 */
export async function chooseEngine(stack: Stack, wish: EngineWish, signal?: AbortSignal): Promise<EngineChoice> {
  const options = { settingsFolder: settingsFolder(stack), ...(signal === undefined ? {} : { signal }) }
  const choice = await probeEngine(await candidatesFor(stack, wish), options)
  if (choice.dialect !== "podman" || !choice.env.CONTAINERS_CONF?.startsWith(`${options.settingsFolder}/`))
    return choice
  const env = { ...choice.env, ...(await writePodmanConfig(stack)) }
  const own: EngineCandidate = { dialect: "podman", command: choice.command, env, title: "podman of this stack" }
  return probeEngine([own], options).then(
    (better) => ({ ...better, reason: `${choice.reason}; its storage is the stack's own` }),
    () => choice,
  )
}

async function candidatesFor(stack: Stack, { kind, environment }: EngineWish): Promise<EngineCandidate[]> {
  const own = privateCandidates(stack)
  const all = await engineCandidates(environment, own)
  if (kind === "auto") return all
  if (kind === "private") return own
  return all.filter((candidate) => candidate.dialect === kind && !own.includes(candidate))
}

function privateCandidates({ dataFolder }: Stack): EngineCandidate[] {
  const programs = findPrivateDocker(dataFolder)
  if (programs === undefined) return []
  const env = { DOCKER_HOST: `unix://${engineFolders(dataFolder).socket}` }
  const { docker: command, buildx: buildxCommand } = programs
  // Its icc is on, since that needs dockerd's own rules; the rules of run-dockerd.sh keep its bridge apart.
  const title = "the stack's own Docker Engine"
  return [{ dialect: "docker", command, buildxCommand, env, isBridgeIsolated: true, title }]
}

function settingsFolder({ dataFolder }: Stack): string {
  return path.join(dataFolder, "engine", "settings")
}
