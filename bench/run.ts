// npm run bench [-- name …]: measures what the product promises about speed and size, each against its peer, and writes
// bench/README.md when all of it was measured. Exit code 1 when a line is missed.
import { loadavg } from "node:os"
import { measureBundleLoad } from "./bundle-load.ts"
import { measureEngineOverhead } from "./engine-overhead.ts"
import type { Figure } from "./figure.ts"
import { measureFirstLogLine } from "./first-log-line.ts"
import { measureFourBuilds } from "./four-builds.ts"
import { measureGitContext } from "./git-context.ts"
import { measureIdleMemory } from "./idle-memory.ts"
import { measureLogLatency } from "./log-latency.ts"
import { writeReport } from "./report.ts"
import { measureScheduleRun } from "./schedule-run.ts"
import { measureStackReady } from "./stack-ready.ts"
import { measureTaskFile } from "./task-file.ts"
import { measureTaskOverhead } from "./task-overhead.ts"
import { measureTaskSteps } from "./task-steps.ts"
import { measureTaskTemplate } from "./task-template.ts"
import { measureUnpackArchive } from "./unpack-archive.ts"
import { measureWipedCache } from "./wiped-cache.ts"

const MEASURES: Record<string, () => Promise<Figure[]>> = {
  "stack-ready": measureStackReady,
  "idle-memory": measureIdleMemory,
  "bundle-load": measureBundleLoad,
  "schedule-run": measureScheduleRun,
  "first-log-line": measureFirstLogLine,
  "log-latency": measureLogLatency,
  "engine-overhead": measureEngineOverhead,
  "wiped-cache": measureWipedCache,
  "four-builds": measureFourBuilds,
  "task-overhead": measureTaskOverhead,
  "task-steps": measureTaskSteps,
  "task-file": measureTaskFile,
  "task-template": measureTaskTemplate,
  "git-context": measureGitContext,
  "unpack-archive": measureUnpackArchive,
}

async function main(wanted: string[]): Promise<number> {
  const unknown = wanted.filter((name) => !(name in MEASURES))
  if (unknown.length > 0) {
    process.stderr.write(`No measure is called ${unknown.join(", ")}. There are: ${Object.keys(MEASURES).join(", ")}\n`)
    return 2
  }
  const [loadBefore = 0] = loadavg()
  const figures: Figure[] = []
  for (const [name, measure] of Object.entries(MEASURES)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue
    const measured = await measure().catch((error: unknown) => [notMeasured(name, error)])
    for (const figure of measured) {
      figures.push(figure)
      const { isMet, line, target, detail } = figure
      process.stdout.write(
        `${isMet ? "met   " : "MISSED"}  ${line}: ${figure.measured} (${target})\n          ${detail}\n`,
      )
    }
  }
  if (wanted.length === 0) await writeReport(figures, loadBefore)
  return figures.every(({ isMet }) => isMet) ? 0 : 1
}

function notMeasured(name: string, error: unknown): Figure {
  const detail = error instanceof Error ? error.message : String(error)
  return { line: name, target: "measured", measured: "not measured", isMet: false, detail }
}

process.exit(await main(process.argv.slice(2)))
