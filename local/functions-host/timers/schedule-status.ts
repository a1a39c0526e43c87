import { mkdir, readFile, rename, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { z } from "zod"

const Instant = z
  .string()
  .transform((text) => new Date(text))
  .refine((date) => !Number.isNaN(date.getTime()), "not a date")

const StoredStatus = z.object({ Last: Instant.nullable(), Next: Instant, LastUpdated: Instant })

/** What a monitored timer remembers across restarts. `last` is null until it has run under its present schedule. */
export type ScheduleStatus = { last: Date | null; next: Date; lastUpdated: Date }

/** The status files of timers, `<stateFolder>/timers/<function>.json`, in the place of blobs in the app's storage account. */
export function createScheduleStatusStore(stateFolder: string) {
  const folder = join(stateFolder, "timers")
  const pathOf = (name: string) => join(folder, `${encodeURIComponent(name.toLowerCase())}.json`)
  return {
    /** Undefined when there is none or it cannot be read: the timer starts anew, as Azure's does. */
    async read(name: string): Promise<ScheduleStatus | undefined> {
      try {
        const stored = StoredStatus.parse(JSON.parse(await readFile(pathOf(name), "utf8")))
        return { last: stored.Last, next: stored.Next, lastUpdated: stored.LastUpdated }
      } catch {
        return undefined
      }
    },

    async write(name: string, status: ScheduleStatus): Promise<void> {
      const { last, next, lastUpdated } = status
      const text = JSON.stringify({ Last: last, Next: next, LastUpdated: lastUpdated })
      await mkdir(folder, { recursive: true })
      await writeFile(`${pathOf(name)}.new`, text)
      await rename(`${pathOf(name)}.new`, pathOf(name))
    },
  }
}
export type ScheduleStatusStore = ReturnType<typeof createScheduleStatusStore>
