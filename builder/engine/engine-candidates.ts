import { dirname, join } from "node:path"
import { findProgram, SYSTEM_PATH } from "./client-environment.ts"
import type { EngineChoice } from "./engine.ts"

/** An engine that may be there. `title` names it for people; `isBridgeIsolated` where who runs it knows, and need not be asked. */
export type EngineCandidate = Pick<
  EngineChoice,
  "dialect" | "command" | "buildxCommand" | "env" | "isBridgeIsolated"
> & { title: string }

/** Settings that say where an engine is; nothing else of an environment reaches a probe or a run. */
const ENGINE_SETTINGS = [
  "DOCKER_HOST",
  "DOCKER_TLS_VERIFY",
  "DOCKER_CERT_PATH",
  "CONTAINERS_CONF",
  "CONTAINERS_STORAGE_CONF",
  "CONTAINERS_REGISTRIES_CONF",
  "XDG_RUNTIME_DIR",
]
const PLUGIN_FOLDERS = [
  "/usr/local/lib/docker/cli-plugins",
  "/usr/local/libexec/docker/cli-plugins",
  "/usr/lib/docker/cli-plugins",
  "/usr/libexec/docker/cli-plugins",
]

/**
 * The engines of this machine in the order in which they are tried: the machine's docker, a private docker of ours, podman
 * (issue 3).
 */
export async function engineCandidates(
  environment: Readonly<Record<string, string | undefined>>,
  privateDocker: EngineCandidate[] = [],
): Promise<EngineCandidate[]> {
  const folders = [...new Set([...(environment.PATH ?? "").split(":"), ...SYSTEM_PATH.split(":")])].filter(Boolean)
  const env = Object.fromEntries(
    ENGINE_SETTINGS.flatMap((name) => {
      const value = environment[name]
      return value === undefined || value === "" ? [] : [[name, value]]
    }),
  )
  const docker = await findProgram("docker", folders)
  const podman = await findProgram("podman", folders)
  const buildxCommand = docker === undefined ? undefined : await findBuildx(docker, environment)
  return [
    ...(docker === undefined
      ? []
      : [{ dialect: "docker" as const, command: docker, ...(buildxCommand && { buildxCommand }), env, title: docker }]),
    ...privateDocker,
    ...(podman === undefined ? [] : [{ dialect: "podman" as const, command: podman, env, title: podman }]),
  ]
}

/** Where docker looks for its plug-ins, and beside a docker that was unpacked somewhere. */
function findBuildx(command: string, environment: Readonly<Record<string, string | undefined>>) {
  const home =
    environment.DOCKER_CONFIG ?? (environment.HOME === undefined ? undefined : join(environment.HOME, ".docker"))
  const root = dirname(dirname(command))
  return findProgram("docker-buildx", [
    ...(home === undefined ? [] : [join(home, "cli-plugins")]),
    join(root, "libexec/docker/cli-plugins"),
    join(root, "lib/docker/cli-plugins"),
    ...PLUGIN_FOLDERS,
  ])
}
