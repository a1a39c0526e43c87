import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createWrap, SYSTEM_PATH } from "./client-environment.ts"
import type { EngineChoice } from "./engine.ts"
import type { EngineCandidate } from "./engine-candidates.ts"
import { EngineError } from "./engine-error.ts"
import { probeDocker } from "./probe-docker.ts"
import { probePodman } from "./probe-podman.ts"
import { createProcessRunner } from "./run-process.ts"

export type ProbeOptions = {
  /** Where settings are written that an engine turns out to need. It must stay as long as the choice is used. */
  settingsFolder: string
  /** For each call of an engine. */
  timeoutMs?: number
  /** Once it aborts no further candidate is tried; what runs now is let end and removed. */
  signal?: AbortSignal
}

/** Why a candidate is not chosen, for people; or what it can do. */
export type ProbeAnswer =
  | { isChosen: true; choice: Omit<EngineChoice, "reason">; note: string }
  | { isChosen: false; why: string }

/** Prints of one call, or undefined when it failed; `why` is then its last line. */
export type ProbeCall = (
  command: string,
  args: string[],
  options?: { env?: Record<string, string>; input?: Buffer },
) => Promise<{ isSuccess: boolean; stdout: string; why: string }>

/**
 * Chooses the first engine that answers, that is, has just run a container: a version that is printed says nothing
 * (contracts, "Local stack"). The choice says what was passed over and why.
 */
export async function probeEngine(
  candidates: readonly EngineCandidate[],
  { settingsFolder, timeoutMs = 30_000, signal }: ProbeOptions,
): Promise<EngineChoice> {
  const passedOver: string[] = []
  const home = await mkdtemp(join(tmpdir(), "slipway-probe-"))
  try {
    // podman fails without the file that DOCKER_CONFIG promises.
    await writeFile(join(home, "config.json"), "{}")
    const call = await createCall(home, timeoutMs)
    for (const candidate of candidates) {
      signal?.throwIfAborted()
      const answer =
        candidate.dialect === "docker"
          ? await probeDocker(candidate, call)
          : await probePodman(candidate, call, settingsFolder)
      if (answer.isChosen) return { ...answer.choice, reason: [answer.note, ...passedOver].join("; ") }
      passedOver.push(`not ${candidate.title}: ${answer.why}`)
    }
  } finally {
    await rm(home, { recursive: true, force: true })
  }
  const tried = passedOver.length === 0 ? "neither docker nor podman is installed" : passedOver.join("; ")
  throw new EngineError("EngineUnavailable", `no container engine answers: ${tried}`)
}

async function createCall(home: string, timeoutMs: number): Promise<ProbeCall> {
  const env = { PATH: SYSTEM_PATH, LANG: "C.UTF-8", HOME: home, DOCKER_CONFIG: home }
  const runner = createProcessRunner({ env, wrap: await createWrap(false) })
  return async (command, args, options) => {
    const stdout: string[] = []
    let last = "it does not answer in time"
    const { exitCode } = await runner
      .run({ command, args, timeoutMs, ...options }, (line, stream) => {
        if (stream === "stdout") stdout.push(line)
        if (line.trim() !== "") last = line.trim()
      })
      .catch((error: unknown) => {
        last = error instanceof Error ? error.message : String(error)
        return { exitCode: undefined }
      })
    return { isSuccess: exitCode === 0, stdout: stdout.join("\n"), why: last.slice(0, 300) }
  }
}
