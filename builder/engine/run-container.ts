import { access, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { callEngine } from "./call-engine.ts"
import { classifyBuildFailure } from "./classify-failure.ts"
import { RUN_LABEL } from "./clean-up.ts"
import type { ContainerOptions, ContainerResult, Mount } from "./container-options.ts"
import { EngineError } from "./engine-error.ts"
import type { EngineSession } from "./engine-session.ts"
import { isReservedArgument } from "./reserved-arguments.ts"
import type { Invocation } from "./run-process.ts"

/** docker's own failures, as against those of the program in the container. */
export const ENGINE_FAILED = 125

/**
 * Runs a container to its end, or until it has started when it is detached (engines 6). The signal kills it by name, since the client
 * may be killed and the container run on (engines 6, difference 5). Errors: EngineError `EngineUnavailable`,
 * `RegistryUnavailable` when its image cannot be reached just now, `Aborted`.
 */
export async function runContainer(session: EngineSession, options: ContainerOptions): Promise<ContainerResult> {
  const { choice, runner, dialect } = session
  const name = containerName(session, options.name)
  const environment = await writeEnvironment(session, options)
  // Docker writes it when it has made the container: without it, what failed was the engine.
  const idFile = join(session.home.folder, `${options.name}.cid`)
  const args = [
    "run",
    // Of two that say different things the last one counts: the text's over the step's, the run's over the text's.
    ...options.expose.map((port) => `--expose=${port}`),
    ...(options.user === undefined ? [] : [`--user=${options.user}`]),
    ...(options.cpus === undefined ? [] : [`--cpus=${options.cpus}`]),
    ...(options.workingDirectory === undefined ? [] : [`--workdir=${options.workingDirectory}`]),
    ...(options.entryPoint === undefined ? [] : [`--entrypoint=${options.entryPoint}`]),
    ...options.options,
    ...(options.isDetached ? ["--detach"] : ["--rm"]),
    ...(options.streams.stdin === undefined ? [] : ["--interactive"]),
    ...[`--name=${name}`, `--label=${RUN_LABEL}=${session.runId}`, `--platform=${options.platform}`],
    ...["--log-driver=none", `--pids-limit=${options.maxProcesses}`, `--pull=${options.pull}`],
    ...dialect.containerOptions(options),
    ...environment.args,
    ...options.mounts.map(mountOption),
    ...(options.network === undefined ? [] : [`--network=${options.network}`]),
    ...(isOwnNetwork(options.network) && options.alias !== undefined ? [`--network-alias=${options.alias}`] : []),
    ...(options.isPrivileged ? ["--privileged"] : []),
    `--cidfile=${idFile}`,
    "--",
    options.image,
    ...options.arguments,
  ]
  const invocation: Invocation = { command: choice.command, args, env: environment.env }
  const isOver = new AbortController()
  const killing = killOnAbort(session, name, options.signal, isOver.signal)
  try {
    const tail = createTail()
    const { exitCode, signal } = await runner.pipe(
      { ...invocation, signal: killing.clientSignal },
      options.streams,
      tail.add,
    )
    if (options.signal.aborted) return { exitCode: exitCode ?? 137 }
    if (exitCode === undefined) {
      throw new EngineError("EngineUnavailable", `${invocation.command} was ended by signal ${signal}`)
    }
    if (exitCode === ENGINE_FAILED && !(await isThere(idFile))) {
      await failIfGone(session)
      const { error } = classifyBuildFailure(tail.lines())
      if (error.isRetryable) throw error
      const reason = tail.reason()
      if (reason !== undefined) return { exitCode, reason }
    }
    return { exitCode }
  } finally {
    isOver.abort()
    await killing.ended
  }
}

/** Only a network that was made has names. */
function isOwnNetwork(network: string | undefined): boolean {
  return network !== undefined && network !== "host" && network !== "none"
}

/** The name of a run's container on the engine, which all runs share. */
export function containerName({ runId }: EngineSession, name: string): string {
  return `slipway-${runId}-${name}`
}

/** One record of comma-separated values: a path with a comma or a quote stays one field. */
function mountOption({ source, target, isReadOnly }: Mount): string {
  const kind = source === "tmpfs" ? "tmpfs" : source.startsWith("/") ? "bind" : "volume"
  const named = source === "tmpfs" || source === "anonymous" ? [] : [`source=${source}`]
  const fields = [`type=${kind}`, ...named, `target=${target}`, ...(isReadOnly ? ["readonly"] : [])]
  return `--mount=${fields.map((field) => (/[,"]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join(",")}`
}

/**
 * The environment by a file, which takes no line breaks; a value with one goes by the client's own environment, if its name means
 * nothing to the client, else it must stand in the argument list.
 */
async function writeEnvironment(session: EngineSession, { name, env }: ContainerOptions) {
  if (env.length === 0) return { args: [], env: {} }
  // Docker takes a name alone from its own environment, where a run has nothing.
  const values = new Map(env.filter((entry) => entry.includes("=")).map(splitEntry))
  const lines: string[] = []
  const args: string[] = []
  const clientEnv: Record<string, string> = {}
  for (const [key, value] of values) {
    if (!/[\r\n]/.test(value) && !/^[\s#]/.test(key)) lines.push(`${key}=${value}`)
    else if (isReservedArgument(key)) args.push(`--env=${key}=${value}`)
    else {
      args.push(`--env=${key}`)
      clientEnv[key] = value
    }
  }
  if (lines.length === 0) return { args, env: clientEnv }
  const file = join(session.home.folder, `${name}.env`)
  await writeFile(file, `${lines.join("\n")}\n`, { mode: 0o600 })
  return { args: [`--env-file=${file}`, ...args], env: clientEnv }
}

function splitEntry(entry: string): [string, string] {
  const at = entry.indexOf("=")
  return [entry.slice(0, at), entry.slice(at + 1)]
}

const KILL_PAUSE_MS = 100
/** A container that its engine has not ended by then: its client is killed, what is left goes when the run is cleaned up. */
const KILL_PATIENCE_MS = 10_000

/** Kills the container by name until its client has ended, since the signal may come before the engine knows the name. */
function killOnAbort(session: EngineSession, name: string, signal: AbortSignal, isOver: AbortSignal) {
  const client = new AbortController()
  let ended: Promise<void> = Promise.resolve()
  const kill = async () => {
    const deadline = Date.now() + KILL_PATIENCE_MS
    while (!isOver.aborted && !session.runner.isAborted) {
      if (Date.now() > deadline) return client.abort()
      await callEngine(session.runner, { command: session.choice.command, args: ["kill", name] }).catch(() => {})
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, KILL_PAUSE_MS)
        isOver.addEventListener("abort", () => resolve(clearTimeout(timer)), { once: true })
      })
    }
  }
  const onAbort = () => {
    ended = kill()
  }
  if (signal.aborted) onAbort()
  else signal.addEventListener("abort", onAbort, { once: true })
  isOver.addEventListener("abort", () => signal.removeEventListener("abort", onAbort), { once: true })
  return {
    clientSignal: client.signal,
    get ended() {
      return ended
    },
  }
}

const TAIL_BYTES = 4096

/** The last lines of stderr: why an engine could not run a container. */
function createTail() {
  let bytes = Buffer.alloc(0)
  const lines = () =>
    bytes
      .toString("utf8")
      .split("\n")
      .map((line) => ({ line: line.replace(/^docker: /, "Error: "), stream: "stderr" as const }))
  return {
    add(chunk: Buffer): void {
      bytes = Buffer.concat([bytes, chunk]).subarray(-TAIL_BYTES)
    },
    lines,
    /** In the engine's own words; undefined when it was the program that ended with such a code. */
    reason(): string | undefined {
      const told = lines().findLast(({ line }) => line.startsWith("Error: "))?.line
      const words = told?.replace(/^Error: (?:Error response from daemon: )?/, "").replace(/\.?\s*$/, "")
      return words === undefined || words === "" ? undefined : words
    },
  }
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

async function failIfGone({ dialect, choice, runner }: EngineSession): Promise<void> {
  const ping = dialect.ping(choice)
  if (ping === undefined || (await callEngine(runner, ping)).isSuccess) return
  throw new EngineError("EngineUnavailable", "the container engine does not answer any more")
}
