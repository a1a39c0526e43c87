import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { onTestFinished } from "vitest"
import type { Part } from "../../../local/supervisor/part.ts"

export type FixtureOptions = {
  readyAfterMs?: number
  ignoresTerm?: boolean
  fails?: boolean
  /** Seconds a grandchild in a session of its own sleeps: a number found again in the process list. */
  grandchild?: string
}

/** A part that is a real process and records in `<folder>/events` what happens to it. */
export function fixturePart(
  folder: string,
  name: string,
  options: FixtureOptions = {},
  part: Partial<Part> = {},
): Part {
  return {
    name,
    title: `fixture ${name}`,
    command: process.execPath,
    args: [path.join(import.meta.dirname, "fixtures/part-process.mjs")],
    env: { SLIPWAY_PART: JSON.stringify({ folder, name, ...options }) },
    async isHealthy() {
      return events(folder).includes(`${name} ready`)
    },
    stopTimeoutMs: 2_000,
    ...part,
  }
}

export function events(folder: string): string[] {
  try {
    return readFileSync(path.join(folder, "events"), "utf8").trimEnd().split("\n")
  } catch {
    return []
  }
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "slipway-test-"))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Pids of the living processes whose argument list mentions a text; zombies have none. */
export function pidsWith(text: string): number[] {
  const pids = readdirSync("/proc").filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
  return pids.map(Number).filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").includes(text)
    } catch {
      return false
    }
  })
}
