import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import path from "node:path"
import { z } from "zod"
import { EngineChoice } from "../../builder/engine/engine.ts"
import { processStartTime } from "./process-info.ts"

const PartStatusRow = z.object({
  name: z.string(),
  title: z.string(),
  state: z.enum(["waiting", "starting", "healthy", "unhealthy", "restarting", "stopping", "stopped"]),
  since: z.string(),
  restarts: z.number(),
  pid: z.number().optional(),
  pidStartTime: z.string().optional(),
})

/** What `<data>/run/supervisor.json` says about the stack that runs; written anew at every change. */
export const SupervisorFile = z.object({
  v: z.literal(1),
  pid: z.number(),
  /** With the pid it names one process for good, see `processStartTime`. */
  pidStartTime: z.string(),
  startedAt: z.string(),
  state: z.enum(["starting", "ready", "stopping"]),
  /** From the start of the process until every part answered. */
  readyMs: z.number().optional(),
  url: z.string(),
  registry: z.string(),
  /** The container engine, once it is known. */
  engine: EngineChoice.optional(),
  parts: z.array(PartStatusRow),
})
export type SupervisorFile = z.infer<typeof SupervisorFile>

const fileIn = (dataFolder: string) => path.join(dataFolder, "run", "supervisor.json")

/** Replaces the file as a whole, so that a reader never sees half of it. */
export function writeSupervisorFile(dataFolder: string, content: SupervisorFile): void {
  const file = fileIn(dataFolder)
  writeFileSync(`${file}.new`, JSON.stringify(content), { mode: 0o600 })
  renameSync(`${file}.new`, file)
}

export function removeSupervisorFile(dataFolder: string): void {
  rmSync(fileIn(dataFolder), { force: true })
}

/** The stack that runs on this data folder. A file that a killed supervisor left behind counts as none. */
export function readRunningSupervisor(dataFolder: string): SupervisorFile | undefined {
  const content = readSupervisorFile(dataFolder)
  return content !== undefined && processStartTime(content.pid) === content.pidStartTime ? content : undefined
}

/** What the last supervisor wrote, whether it lives or not. */
export function readSupervisorFile(dataFolder: string): SupervisorFile | undefined {
  try {
    return SupervisorFile.safeParse(JSON.parse(readFileSync(fileIn(dataFolder), "utf8"))).data
  } catch {
    return undefined
  }
}
