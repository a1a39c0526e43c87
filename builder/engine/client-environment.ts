import { access, constants } from "node:fs/promises"
import type { EngineChoice } from "./engine.ts"
import type { EngineHome } from "./engine-home.ts"
import type { Invocation } from "./run-process.ts"

export const SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/** The whole environment of an engine's client: what reaches this engine, and the run's own folders. */
export function clientEnvironment(choice: EngineChoice, home: EngineHome, caFile: string | undefined) {
  return {
    PATH: SYSTEM_PATH,
    LANG: "C.UTF-8",
    ...choice.env,
    ...(caFile !== undefined && { SSL_CERT_FILE: caFile }),
    HOME: home.home,
    TMPDIR: home.temporary,
    DOCKER_CONFIG: home.credentials,
  }
}

type Call = Pick<Invocation, "command" | "args">

/**
 * How to start a client so that it dies with us (`setpriv --pdeathsig`) and, for `isNamespaced`, so that all it starts dies
 * with it: a PID namespace needs root. Where the system has no such tools, the process group must do.
 */
export async function createWrap(isNamespaced: boolean): Promise<(call: Call) => Call> {
  const [setpriv, unshare] = await Promise.all(["setpriv", "unshare"].map((name) => findProgram(name)))
  const namespace = isNamespaced && process.getuid?.() === 0 && unshare !== undefined
  const prefix = [
    ...(setpriv === undefined ? [] : [setpriv, "--pdeathsig", "KILL"]),
    ...(namespace ? [unshare, "--pid", "--fork", "--kill-child", "--mount-proc"] : []),
  ]
  return ({ command, args }) => {
    const [first = command, ...rest] = [...prefix, command, ...args]
    return { command: first, args: rest }
  }
}

/** Absolute path of a program in the system's folders. */
export async function findProgram(
  name: string,
  folders: string[] = SYSTEM_PATH.split(":"),
): Promise<string | undefined> {
  for (const folder of folders) {
    const path = `${folder}/${name}`
    const isThere = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (isThere) return path
  }
  return undefined
}
