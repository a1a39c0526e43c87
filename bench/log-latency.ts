import { readFile } from "node:fs/promises"
import { setTimeout as wait } from "node:timers/promises"
import { createArmClient } from "../test/e2e/setup/arm-client.ts"
import { pushBaseImage, stackRegistry } from "../test/e2e/setup/base-image.ts"
import { tarball } from "../test/e2e/setup/contexts.ts"
import { openBareEngine } from "./bare-engine.ts"
import { withStack } from "./bench-stack.ts"
import { atMost, type Figure } from "./figure.ts"
import { openLogReader } from "./log-reader.ts"
import { median, percentile, spread } from "./statistics.ts"

const LINES = 100
const POLL_MS = 10
const LIMIT_MS = 500
/** As BuildKit prints what a step printed; the step's own text has no number in this place. */
const STAMP = /^#\d+ [\d.]+ stamp (\d+\.\d+)/

/**
 * A step prints the machine's uptime; whoever reads the line compares it with the uptime then (10 ms fine, one clock for
 * both). The peer: the same build's own output on the bare engine.
 */
export function measureLogLatency(): Promise<Figure[]> {
  return withStack(async (stack) => {
    const arm = await createArmClient(stack)
    const base = await pushBaseImage(await stackRegistry(stack), "base/busybox", "1")
    const bare = await openBareEngine(stack)

    const latencies = createStampReader()
    const archive = tarball([["Dockerfile", dockerfile(base.image, "ours")]])
    const runId = await arm.schedule("slipway", { sourceLocation: await arm.upload("slipway", archive) })
    const read = await openLogReader(arm, runId)
    while (latencies.samples().length < LINES) {
      latencies.look(await read(), await uptime())
      await wait(POLL_MS)
    }
    await arm.finished("slipway", runId)

    const peer = createStampReader()
    let printed = ""
    await bare.build([["Dockerfile", dockerfile(base.image, "bare")]], "bench/latency:bare", async (text) => {
      printed += text
      peer.look(printed, await uptime())
    })
    arm.close()
    const samples = latencies.samples()
    const detail = [
      `${samples.length} lines, p50 ${Math.round(median(samples))} ms, ${spread(samples)}`,
      `bare engine's own output: p50 ${Math.round(median(peer.samples()))} ms, p95 ${Math.round(percentile(peer.samples(), 0.95))} ms`,
    ].join("; ")
    return [atMost("log line written → readable by a client, p95", percentile(samples, 0.95), LIMIT_MS, "ms", detail)]
  })
}

function dockerfile(base: string, who: string): string {
  const loop = `i=0; while [ $i -lt ${LINES} ]; do echo stamp $(cat /proc/uptime) ${who}; sleep 0.07; i=$((i+1)); done`
  return `FROM ${base}\nRUN ${loop}\n`
}

/** Remembers for each stamp how old it was when it was first seen, in milliseconds. */
function createStampReader() {
  const ages = new Map<string, number>()
  return {
    look(log: string, now: number): void {
      for (const line of log.split(/\r?\n/).slice(0, -1)) {
        const stamp = STAMP.exec(line)?.[1]
        if (stamp !== undefined && !ages.has(stamp)) ages.set(stamp, (now - Number(stamp)) * 1000)
      }
    },
    samples: () => [...ages.values()],
  }
}

async function uptime(): Promise<number> {
  return Number.parseFloat(await readFile("/proc/uptime", "utf8"))
}
