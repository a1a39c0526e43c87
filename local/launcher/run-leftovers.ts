import { existsSync } from "node:fs"
import { readdir, readFile, writeFile } from "node:fs/promises"
import path from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import { RUN_LABEL } from "../../builder/engine/clean-up.ts"
import type { EngineChoice } from "../../builder/engine/engine.ts"
import { removeTree } from "../../builder/remove-tree.ts"
import type { RotatingLog } from "../supervisor/rotating-log.ts"
import { removeEngineLeftovers } from "./remove-engine-leftovers.ts"

export type RunLeftoversOptions = {
  buildsFolder: string
  /** Undefined when none was found. */
  engine: Promise<EngineChoice | undefined>
  env: Record<string, string>
  log: Pick<RotatingLog, "note">
  /** True while that builder works in its folder. */
  isInUse(name: string): boolean
  /** True when nobody is to clean up later: a builder of the run will, or the next start. */
  isLeftToOthers(runId: string): boolean
}

/** `builds/<name>.run` holds the run id of the builder in `builds/<name>/`, so that two stacks on one engine leave each other's runs alone. */
const NOTE_END = ".run"

/** Pauses before an engine that could not be asked is asked again; they double. */
const FIRST_PAUSE_MS = 1_000
const LAST_PAUSE_MS = 60_000

/**
 * Removes what builders leave: first what the engine still holds of a run, then the run's work folders, which its containers could
 * write into until then. While the engine cannot be asked the folders stay.
 */
export function createRunLeftovers({ buildsFolder, env, log, ...options }: RunLeftoversOptions) {
  const removals = new Map<string, Promise<boolean>>()
  const folderOf = (name: string) => path.join(buildsFolder, name)
  const noteOf = (name: string) => `${folderOf(name)}${NOTE_END}`

  /** False when the engine could not be asked or keeps something. */
  async function removeFromEngine(runId: string): Promise<boolean> {
    const choice = await options.engine.catch(() => undefined)
    if (choice === undefined) return false
    try {
      const removed = await removeEngineLeftovers(choice, `${RUN_LABEL}=${runId}`, env)
      if (removed.length > 0) log.note(`removed what run ${runId} left in the engine: ${removed.join(", ")}`)
      return true
    } catch (error) {
      log.note(`could not remove what run ${runId} left in the engine: ${String(error)}`)
      return false
    }
  }

  /** The note goes last: what it tells of is found again until then. */
  async function removeFolder(name: string): Promise<void> {
    try {
      await removeTree(folderOf(name))
      await removeTree(noteOf(name))
    } catch (error) {
      log.note(`could not remove ${folderOf(name)}: ${String(error)}`)
    }
  }

  /** Names of builders and their runs. */
  async function noted(): Promise<{ name: string; runId: string }[]> {
    const files = (await readdir(buildsFolder).catch(() => [])).filter((file) => file.endsWith(NOTE_END))
    return await Promise.all(
      files.map(async (file) => {
        const runId = await readFile(path.join(buildsFolder, file), "utf8").catch(() => "")
        return { name: file.slice(0, -NOTE_END.length), runId: runId.trim() }
      }),
    )
  }

  async function removeNow(runId: string): Promise<boolean> {
    if (!(await removeFromEngine(runId))) return false
    for (const one of await noted()) {
      if (one.runId === runId && !options.isInUse(one.name)) await removeFolder(one.name)
    }
    return true
  }

  /** False when the engine could not be asked or keeps something: then the run's folders are still there. */
  function remove(runId: string): Promise<boolean> {
    const removal = removals.get(runId) ?? removeNow(runId).finally(() => removals.delete(runId))
    removals.set(runId, removal)
    return removal
  }

  /** An engine that was killed with its builds is back soon, and still has their containers and networks. */
  async function removeLater(runId: string): Promise<void> {
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LAST_PAUSE_MS)) {
      await delay(pauseMs, undefined, { ref: false })
      if (options.isLeftToOthers(runId) || (await remove(runId))) return
    }
  }

  return {
    remove,
    removeLater,

    /** What a supervisor that was killed could not remove, when nobody builds yet: all of it is dead. */
    async removeAll(): Promise<void> {
      const notes = await noted()
      const names = new Set(notes.filter(({ runId }) => runId !== "").map(({ name }) => name))
      for (const file of await readdir(buildsFolder).catch(() => [])) {
        // Its note comes before a folder: one without was never worked in.
        const name = file.endsWith(NOTE_END) ? file.slice(0, -NOTE_END.length) : file
        if (!names.has(name)) await removeFolder(name)
      }
      for (const runId of new Set(notes.map((one) => one.runId))) {
        if (runId !== "" && !(await remove(runId))) void removeLater(runId)
      }
    },

    /** Returns when nothing of the run is being removed, so that a builder may start. */
    async settled(runId: string): Promise<void> {
      for (let removal = removals.get(runId); removal !== undefined; removal = removals.get(runId)) await removal
    },

    /** True when an earlier builder of that name has left its folder. */
    isLeft: (name: string) => existsSync(folderOf(name)),

    /** Notes whose folder is made next. */
    async note(name: string, runId: string): Promise<void> {
      await writeFile(noteOf(name), runId, { mode: 0o600 })
    },
  }
}
