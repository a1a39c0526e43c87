import { randomUUID } from "node:crypto"
import type { RunSpec } from "../shared/builders/run-spec.ts"
import type { BuilderConfig } from "./config.ts"
import { emptyFolder } from "./empty-folder.ts"
import type { Engine } from "./engine/engine.ts"
import { NETWORK_RETRY, type NetworkRetry } from "./failures/with-network-retry.ts"
import { createRunLog } from "./log/run-log.ts"
import { errorText } from "./operator-error.ts"
import type { BackOff } from "./retry.ts"
import { doWork } from "./run/do-work.ts"
import { createGrowingMasker } from "./run/growing-masker.ts"
import { holdEngine } from "./run/held-engine.ts"
import { howItEnded } from "./run/how-it-ended.ts"
import { lastLine } from "./run/last-line.ts"
import { reportOf } from "./run/report-images.ts"
import { createStopper } from "./run/stopper.ts"
import { warmUp } from "./run/warm-up.ts"
import { argumentValuesOf, secretsOf } from "./secrets-of.ts"
import { claimRun } from "./service/claim-run.ts"
import { createEventSender } from "./service/event-sender.ts"
import { beat, watchHeartbeat } from "./service/heartbeat.ts"
import { createPost, type Post } from "./service/post.ts"
import { createServiceSecrets } from "./service/service-secrets.ts"
import type { RunImages } from "./steps/run-images.ts"

export type RunDeps = {
  config: BuilderConfig
  /** Finds the engine and binds it to this run. */
  openEngine(spec: RunSpec): Promise<Engine>
  /** Aborts when this process is told to go. */
  signal: AbortSignal
  /** One line for the operator's log; never a secret. */
  note(text: string): void
  /** Pauses while the service, the log store or the blob store is away. */
  backOff?: BackOff
  retries?: NetworkRetry
  /** How long a stopped engine may take to let go before the run ends without it. */
  graceMs?: number
}

const BACK_OFF: BackOff = { firstDelayMs: 100, maxDelayMs: 2000 }
const MAX_MESSAGE_LENGTH = 4096
/** A process that is told to go is killed soon after: what it still has to say must be said by then. */
const TERMINATED_MS = 4000
const DISPOSE_MS = 60_000
const OWN_FAILURE = "The builder itself failed. Its operator's log says where."

/**
 * One run from claim to finished event; returns the exit code (docs/architecture, "What a builder process is given"). Errors: the
 * claim fails for good. After the claim nothing throws: every end is reported, and nothing of the run is left behind.
 */
export async function runBuilder(deps: RunDeps): Promise<number> {
  const { config, backOff = BACK_OFF, signal } = deps
  const post = createPost(config.runUrl, config.runToken)
  const builderId = randomUUID()
  const claiming = claimRun(post, builderId, { outageMs: config.outageMs, backOff, signal })
  void warmUp()
  const claim = await claiming
  if (claim.kind === "ours") return runClaimed(claim.spec, deps, post, builderId)
  deps.note(`the run is not ours: ${claim.why}`)
  return 0
}

async function runClaimed(spec: RunSpec, deps: RunDeps, post: Post, builderId: string): Promise<number> {
  const startedAt = performance.now()
  const { config, note, backOff = BACK_OFF } = deps
  const stopper = createStopper()
  const events = createEventSender({ post, builderId, onEnded: () => stopper.stop("ended"), backOff, onTrouble: note })
  const engine = holdEngine(() => deps.openEngine(spec), stopper.signal)
  const stopWatching = watch(spec, deps, post, builderId, stopper.stop)
  try {
    const maskers = createGrowingMasker(secretsOf(spec, config.runToken))
    const { masker } = maskers
    const given = spec.work.type === "build" ? argumentValuesOf(spec.work.arguments) : []
    const masks = { masker, engineMasker: maskers.open(given), openMasker: maskers.open }
    const log = createRunLog({ ...config.log, ...spec.log, ...masks, backOff, onTrouble: note })
    const causeText = (said: string) => oneLine(maskers.maskCause(said))
    const images: RunImages = { builds: [], pushed: [] }
    const work = doWork(spec, {
      openEngine: engine.open,
      images,
      log,
      maskSecrets: masker.mask,
      addSecrets: maskers.add,
      secrets: createServiceSecrets(post, builderId, { outageMs: config.outageMs, backOff }),
      caFile: config.caFile,
      causeText,
      events,
      workFolder: config.workFolder,
      outageMs: config.outageMs,
      backOff,
      retries: deps.retries ?? NETWORK_RETRY,
      signal: stopper.signal,
    })
    const end = await howItEnded(work, stopper, {
      graceMs: deps.graceMs ?? 10_000,
      timeoutSeconds: spec.timeoutSeconds,
      askService: () => beat(post, builderId, TERMINATED_MS),
    })
    // Who is told to go cleans up while it reports; else the report comes first.
    if (stopper.reason() !== undefined) void engine.dispose(DISPOSE_MS)
    if (end === undefined) {
      await log.close(undefined, TERMINATED_MS)
      return 0
    }

    const withinMs = stopper.reason() === "terminated" ? Math.min(TERMINATED_MS, config.finishMs) : config.finishMs
    const cause = end.message === undefined ? undefined : causeText(end.message)
    log.print("")
    const isLogged = await log.close(lastLine(spec.runId, end.outcome, performance.now() - startedAt, cause), withinMs)
    if (!isLogged) note("the run log is not complete: the store did not take it")
    const message = cause === undefined ? {} : { message: cause }
    const report = reportOf(images, masker.mask)
    const isReported = await events.finish({ type: "finished", outcome: end.outcome, ...message, ...report }, withinMs)
    if (!isReported) note("the end of the run was not accepted by the service")
    return isReported || stopper.reason() === "ended" ? 0 : 1
  } catch (error) {
    note(`the builder itself failed: ${errorText(error)}`)
    await events.finish({ type: "finished", outcome: "Error", message: OWN_FAILURE }, config.finishMs)
    return 1
  } finally {
    stopWatching()
    events.stop()
    if (!(await engine.dispose(DISPOSE_MS))) note("the engine did not let go of the run in time")
    await emptyFolder(config.workFolder).catch((error) => note(`the work folder is not empty: ${errorText(error)}`))
  }
}

/** Everything that may stop a run early: the service, the clock, and whoever owns this process. Returns how to end that. */
function watch(
  spec: RunSpec,
  deps: RunDeps,
  post: Post,
  builderId: string,
  stop: ReturnType<typeof createStopper>["stop"],
): () => void {
  const beating = new AbortController()
  const onNews = (news: "cancel" | "ended") => stop(news === "cancel" ? "canceled" : "ended")
  void watchHeartbeat(post, builderId, spec.heartbeatSeconds * 1000, onNews, beating.signal)
  const timer = setTimeout(() => stop("timeout"), spec.timeoutSeconds * 1000)
  const onTerminated = () => stop("terminated")
  if (deps.signal.aborted) onTerminated()
  deps.signal.addEventListener("abort", onTerminated)
  return () => {
    beating.abort()
    clearTimeout(timer)
    deps.signal.removeEventListener("abort", onTerminated)
  }
}

/** For masked text only: a secret that is cut or whose spaces are joined is not found any more. */
function oneLine(masked: string): string {
  const line = masked.replace(/\s+/g, " ").trim()
  return line.length > MAX_MESSAGE_LENGTH ? `${line.slice(0, MAX_MESSAGE_LENGTH - 1)}…` : line
}
