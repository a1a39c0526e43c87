import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { onTestFinished } from "vitest"
import { DIALECTS } from "../../../builder/engine/dialect.ts"
import type { EngineHome } from "../../../builder/engine/engine-home.ts"
import type { EngineSession } from "../../../builder/engine/engine-session.ts"
import type { Invocation, ProcessRunner } from "../../../builder/engine/run-process.ts"

export type Answer = { exitCode: number; stdout?: string; stderr?: string }

/** A run on docker that starts no program: it notes each call and answers as `answerTo` says. */
export async function recordingSession(answerTo: (call: Invocation) => Answer | Promise<Answer>) {
  const folder = await mkdtemp(path.join(tmpdir(), "session-"))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const calls: Invocation[] = []
  const ask = async (call: Invocation) => {
    calls.push(call)
    return await answerTo(call)
  }
  const runner: ProcessRunner = {
    async run(call, onLine) {
      const { exitCode, stdout, stderr } = await ask(call)
      for (const line of stdout?.trimEnd().split("\n") ?? []) onLine(line, "stdout")
      for (const line of stderr?.split("\n") ?? []) onLine(line, "stderr")
      return { exitCode, signal: undefined }
    },
    async pipe(call, _streams, onError) {
      const { exitCode, stderr } = await ask(call)
      if (stderr !== undefined) onError?.(Buffer.from(stderr))
      return { exitCode, signal: undefined }
    },
    isAborted: false,
    abort() {},
  }
  const session: EngineSession = {
    choice: { dialect: "docker", command: "/docker", version: "28", env: {}, cache: "registry", reason: "" },
    dialect: DIALECTS.docker,
    // Only its folder is used by what runs containers.
    home: { folder } as EngineHome,
    ...{ runId: "ca1", owner: "reg.example", runner, buildRunner: runner, buildCount: 0 },
    ...{
      builds: new Map(),
      localNames: [],
      pushedNames: new Map(),
      networks: new Map(),
      namedImages: new Map(),
      lookups: new Map(),
    },
    ...{ bwrap: undefined, visibleFolders: [], hasAbandonedBuild: false, pending: new Set() },
    registries: { authOf: () => undefined, isInsecure: () => false, isOwn: () => false, ca: undefined },
    ...{ socket: undefined, stopService: undefined },
  }
  return { session, calls, folder }
}
