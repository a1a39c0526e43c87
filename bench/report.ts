import { writeFile } from "node:fs/promises"
import { availableParallelism, loadavg, totalmem } from "node:os"
import path from "node:path"
import { repositoryRoot } from "../local/repository-root.ts"
import type { Figure } from "./figure.ts"

/**
 * Writes bench/README.md: the figures of this run, and how to repeat it.
 *
 * @param loadBefore the machine's load average when the run began: whether others were at work
 */
export async function writeReport(figures: Figure[], loadBefore: number): Promise<void> {
  const rows = figures.map(({ line, target, measured, isMet, detail }) => [
    line,
    target,
    measured,
    isMet ? "met" : "**missed**",
    detail,
  ])
  const table = [["line", "target", "measured", "", "how"], ["---", "---", "---", "---", "---"], ...rows]
  const [loadAfter = 0] = loadavg()
  const gigabytes = Math.round(totalmem() / 2 ** 30)
  const text = [
    "# Speed and size, measured",
    "",
    `On ${availableParallelism()} cores and ${gigabytes} GB of memory, Node ${process.version}, by \`npm run bench\`, which writes this file.`,
    `The machine's load average was ${loadBefore.toFixed(1)} before and ${loadAfter.toFixed(1)} after it.`,
    "",
    ...table.map((cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`),
    "",
    "## To repeat it",
    "",
    "```",
    "npm run bench                              # all of it, some minutes; exit code 1 when a line is missed",
    "npm run bench -- stack-ready log-latency   # some of it; this file stays as it is",
    "```",
    "",
    "Each measure is a file of that name in this folder and starts stacks of its own in a temporary folder, with the",
    "product's own intervals. Where there is a peer it is measured in the same run, in turns: the bare engine is `docker",
    "buildx build`, `docker push` and `docker run` on the same engine and registry; git is `git clone`; acb, ACR's own runner,",
    "is one where it is installed (on the search path, or `SLIPWAY_BENCH_ACB`; its builds want the images `docker` and `acb` in",
    "the engine and the engine at `/var/run/docker.sock`). Measures that wipe the engine want the stack's own",
    "Docker Engine, which set-up unpacks where no docker answers. Close other programs first: medians forgive a",
    "disturbance, percentiles less, and memory that other Node processes share counts only in part (PSS).",
    "",
  ].join("\n")
  await writeFile(path.join(repositoryRoot(), "bench", "README.md"), text)
}
