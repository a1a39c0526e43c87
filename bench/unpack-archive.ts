import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { z } from "zod"
import { runCommand } from "../local/cli/run-command.ts"
import { readEnvironment } from "../local/config.ts"
import { atMost, type Figure } from "./figure.ts"
import { spread } from "./statistics.ts"

const PROCESSES = 3
const LIMIT_MB = 150
const MIN_BYTES = 500_000_000
const Measured = z.object({ bytes: z.number().min(MIN_BYTES), peakMegabytes: z.number() })

/** The highest memory of a process that does nothing but unpack; what makes the archive runs in it as well and counts too. */
export async function measureUnpackArchive(): Promise<Figure[]> {
  const program = fileURLToPath(new URL("../test/builder/context/measure-memory.ts", import.meta.url))
  const peaks: number[] = []
  for (let run = 1; run <= PROCESSES; run += 1) {
    const folder = await mkdtemp(path.join(tmpdir(), "slipway-bench-"))
    try {
      const { code, stdout, stderr } = await runCommand(process.execPath, [program, folder], { env: readEnvironment() })
      if (code !== 0) throw new Error(`the archive was not unpacked: ${stderr}`)
      peaks.push(Measured.parse(JSON.parse(stdout)).peakMegabytes)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }
  const detail = `highest resident size of ${PROCESSES} fresh processes, ${spread(peaks, 0, "MB")}; 520 MB of files from a gzip-compressed tar that is made in the same process`
  return [atMost("memory to unpack an archive of 500 MB", Math.max(...peaks), LIMIT_MB, "MB", detail)]
}
