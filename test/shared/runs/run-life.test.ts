import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import type { BuilderEvent } from "../../../shared/builders/builder-messages.ts"
import { verifyRunToken } from "../../../shared/builders/run-token.ts"
import { AppError } from "../../../shared/errors.ts"
import { cancelRun } from "../../../shared/runs/cancel-run.ts"
import { claimRun } from "../../../shared/runs/claim-run.ts"
import { readRunSecret } from "../../../shared/runs/read-run-secret.ts"
import { recordHeartbeat } from "../../../shared/runs/record-heartbeat.ts"
import { recordRunEvent } from "../../../shared/runs/record-run-event.ts"
import type { Run } from "../../../shared/runs/run.ts"
import { startRun } from "../../../shared/runs/start-run.ts"
import { sweepRuns } from "../../../shared/runs/sweep-runs.ts"
import { fakeSecrets } from "../../fakes/fake-secrets.ts"
import { createRunWorld, queued, type RunWorld, registry, request, upload } from "../../fakes/run-world.ts"

const BUILDER = "builder-one"
let world: RunWorld
let run: Run

beforeEach(async () => {
  world = createRunWorld()
  // Run tokens are checked by the real clock; the world's stands still.
  vi.useFakeTimers({ toFake: ["Date"], now: world.now() })
  await upload(world)
  run = await queued(world, {
    registry: registry(),
    request: request(),
    runType: "QuickBuild",
    requestedBy: "someone",
  })
})
afterEach(() => void vi.useRealTimers())

const stored = async () => (await world.runs.get("acme", run.runId))!.run
const token = (attempt = 1) => ({ registry: "acme", runId: run.runId, attempt })
const start = () => startRun(world, world.sent.at(-1)!.message)
const claim = (builderId = BUILDER, attempt = 1) => claimRun(world, token(attempt), builderId)
const logBlob = () => world.blobs.blobs.get(`logs/acme/${run.runId}/rawtext.log`)!
const thrown = (promise: Promise<unknown>) => promise.catch((error: unknown) => error)
const event = (seq: number, rest: object): BuilderEvent =>
  ({ v: 1, builderId: BUILDER, seq, at: "2026-11-21T10:00:00.000Z", ...rest }) as BuilderEvent
const started = (seq = 1) => event(seq, { type: "started", engine: "docker 26" })
const finished = (seq: number, outcome = "Succeeded", message?: string) =>
  event(seq, { type: "finished", outcome, ...(message === undefined ? {} : { message }) })

describe("startRun", () => {
  it("launches one builder with a token for this run and marks the run Started", async () => {
    expect(await start()).toBe("launched")

    expect(await stored()).toMatchObject({ status: "Started", launches: 1 })
    const [builder] = world.launched
    expect(builder).toMatchObject({
      name: `${run.runId}-1`,
      runUrl: `https://slipway.test/builders/v1/acme/${run.runId}`,
    })
    const claims = await verifyRunToken(world.runTokenKey, builder!.runToken, { registry: "acme", runId: run.runId })
    expect(claims).toMatchObject({ runId: run.runId, attempt: 1 })
  })

  it("gives a token that opens no other run", async () => {
    await start()

    const error = await thrown(
      verifyRunToken(world.runTokenKey, world.launched[0]!.runToken, { registry: "acme", runId: "other" }),
    )

    expect(error).toMatchObject({ code: "AuthenticationFailed" })
  })

  it("drops a message of an older attempt", async () => {
    const { message } = world.sent[0]!
    world.pass(31)
    await sweepRuns(world)

    expect(await startRun(world, message)).toBe("stale")
    expect(world.launched).toEqual([])
  })

  it("leaves the run Queued while the launcher is away", async () => {
    world.faults.launch = new AppError("LauncherUnavailable", "full", { isRetryable: true })

    expect(await thrown(start())).toMatchObject({ code: "LauncherUnavailable", isRetryable: true })
    expect(await stored()).toMatchObject({ status: "Queued", launches: 0 })
  })

  it("ends the run as Error when the launcher will never take it", async () => {
    world.faults.launch = new AppError("LaunchRefused", "no such engine")

    expect(await start()).toBe("refused")
    expect(await stored()).toMatchObject({
      status: "Error",
      runErrorMessage: "No builder could be started: no such engine",
    })
    expect(logBlob().metadata).toMatchObject({ Complete: "internalerror" })
  })

  it("does nothing for a run that was cancelled meanwhile", async () => {
    await cancelRun(world, run)

    expect(await start()).toBe("ended")
    expect(world.launched).toEqual([])
  })

  it("brings a run back as ended that the store lost while its builder was launched", async () => {
    const launcher = { ...world.launcher, launch: () => world.runs.remove(run) }

    expect(await startRun({ ...world, launcher }, world.sent.at(-1)!.message)).toBe("lost")

    expect(await stored()).toMatchObject({ status: "Error" })
    expect(logBlob().metadata).toMatchObject({ Complete: "internalerror" })
  })

  it("leaves it to the builder's heartbeat when the store lost the run after its message was done with", async () => {
    await start()
    await claim()
    await world.runs.remove(await stored())

    const error = await thrown(recordHeartbeat(world, token(), BUILDER))

    expect(error).toMatchObject({ code: "RunEnded" })
    expect(await stored()).toMatchObject({ status: "Error" })
    expect(logBlob().metadata).toMatchObject({ Complete: "internalerror" })
  })

  it("brings a run that the store lost back as ended, so that nobody follows its log for ever", async () => {
    const message = { v: 1 as const, registry: "acme", runId: "lost1", attempt: 1, retry: 0 }

    expect(await startRun(world, message)).toBe("lost")

    expect((await world.runs.get("acme", "lost1"))?.run).toMatchObject({ status: "Error" })
    expect(world.blobs.blobs.get("logs/acme/lost1/rawtext.log")?.metadata).toMatchObject({ Complete: "internalerror" })
  })
})

describe("claimRun", () => {
  it("gives the first builder the spec, with secrets and SAS, and marks the run Running", async () => {
    await start()

    const spec = await claim()

    expect(await stored()).toMatchObject({ status: "Running", builderId: BUILDER })
    expect(spec.logins).toEqual([
      { loginServer: "registry.test:5000", userName: "robot", password: "registry-password" },
    ])
    expect(spec.log.url).toContain("sp=a&")
    expect(spec.source).toMatchObject({ type: "upload", url: expect.stringContaining("sp=r&") })
    expect(spec.work).toEqual(request().work)
  })

  it("brings a run that the store lost back as ended, for whoever follows its log", async () => {
    const lost = { registry: "acme", runId: "lost2", attempt: 1 }

    expect(await thrown(claimRun(world, lost, BUILDER))).toMatchObject({ code: "RunNotClaimable" })

    expect((await world.runs.get("acme", "lost2"))?.run).toMatchObject({ status: "Error" })
  })

  it("answers the same builder again, since its answer may have been lost", async () => {
    await start()
    const first = await claim()

    expect(await claim()).toEqual(first)
  })

  it("refuses any other builder", async () => {
    await start()
    await claim()

    expect(await thrown(claim("builder-two"))).toMatchObject({ code: "RunNotClaimable" })
  })

  it("lets exactly one of many builders claim", async () => {
    await start()

    const results = await Promise.allSettled(Array.from({ length: 10 }, (_, index) => claim(`builder-${index}00`)))

    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1)
  })

  it("refuses the builder of an older attempt and a run that has ended", async () => {
    await start()
    world.pass(61)
    await sweepRuns(world)

    expect(await thrown(claim(BUILDER, 1))).toMatchObject({ code: "RunNotClaimable" })
    await cancelRun(world, run)
    expect(await thrown(claim(BUILDER, 2))).toMatchObject({ code: "RunNotClaimable" })
  })

  it("works before the service has noted the launch, and the late note changes nothing", async () => {
    await claim()

    expect(await start()).toBe("ended")
    expect(await stored()).toMatchObject({ status: "Running" })
  })

  it("sends a request's own login instead of the registry's for the same server", async () => {
    const mine = { loginServer: "registry.test:5000", userName: "me", password: "mine" }
    run = await queued(world, {
      registry: registry(),
      request: request({ customLogins: [mine] }),
      runType: "QuickBuild",
      requestedBy: "x",
    })

    expect((await claim()).logins).toEqual([mine])
    expect((await stored()).customRegistries).toEqual(["registry.test:5000"])
  })

  it("gives the key for sources by ssh to the builder that has claimed the run", async () => {
    await start()

    expect((await claim()).ssh).toEqual({ privateKey: "key", knownHosts: "hosts" })
  })

  it("sends no login of the registry when the request asked for none", async () => {
    const none = request({ isSourceRegistryLoginEnabled: false })
    run = await queued(world, { registry: registry(), request: none, runType: "QuickBuild", requestedBy: "x" })

    expect((await claim()).logins).toEqual([])
  })
})

describe("readRunSecret", () => {
  const url = "https://v.vault.azure.net/secrets/pw"
  const location = { type: "vault" as const, url, clientId: "" }
  const ask = (builderId = BUILDER) => readRunSecret(world, token(), { v: 1, builderId, location })

  it("reads a secret for the builder that has claimed the run", async () => {
    world.secrets = fakeSecrets({ [url]: { ok: true, value: "s3cret" } })
    await start()
    await claim()

    expect(await ask()).toEqual({ ok: true, value: "s3cret" })
    expect(world.secrets.asked).toEqual([location])
  })

  it("answers with the reason when it cannot be had", async () => {
    await start()
    await claim()

    expect(await ask()).toEqual({ ok: false, message: "the vault has no such secret." })
  })

  it("asks nothing for who has not claimed the run, or whose run has ended", async () => {
    await start()
    await claim()

    expect(await thrown(ask("builder-two"))).toMatchObject({ code: "RunNotClaimable" })
    await recordRunEvent(world, token(), finished(1))
    expect(await thrown(ask())).toMatchObject({ code: "RunEnded" })
    expect(world.secrets.asked).toEqual([])
  })

  it("leaves the places of a login's secrets in the spec, and no value in the store", async () => {
    const custom = { loginServer: "other.test", userName: "me", password: location }
    run = await queued(world, {
      registry: registry(),
      request: request({ customLogins: [custom] }),
      runType: "QuickBuild",
      requestedBy: "x",
    })

    expect((await claim()).logins.at(-1)).toEqual(custom)
  })
})

describe("recordRunEvent", () => {
  beforeEach(async () => {
    await start()
    await claim()
  })

  it("applies events once each and in order", async () => {
    const end = { type: "finished", outcome: "Succeeded" } as const
    const images = [{ registry: "registry.test:5000", repository: "hello", tag: "v1", digest: "sha256:1" }]
    const dependencies = [{ buildtime: [{ repository: "base", registry: "registry.test:5000" }] }]
    await recordRunEvent(world, token(), started(1))
    await recordRunEvent(world, token(), event(2, { ...end, images, dependencies }))

    const repeated = await recordRunEvent(world, token(), event(2, { ...end, images: [] }))

    expect(repeated.isApplied).toBe(false)
    expect(await stored()).toMatchObject({ eventSeq: 2, engine: "docker 26", outputImages: images, dependencies })
  })

  it("asks for the missing one when there is a gap", async () => {
    expect(await thrown(recordRunEvent(world, token(), finished(3)))).toMatchObject({ code: "OutOfOrder" })
    expect((await stored()).status).toBe("Running")
  })

  it.each([
    ["Succeeded", "successful"],
    ["Failed", "failed"],
    ["Canceled", "canceled"],
    ["Timeout", "timedout"],
    ["Error", "internalerror"],
  ])("ends the run as %s and closes the log with %s", async (outcome, complete) => {
    await recordRunEvent(world, token(), finished(1, outcome, "why"))

    expect(await stored()).toMatchObject({ status: outcome, runErrorMessage: "why" })
    expect(logBlob().metadata).toMatchObject({ Complete: complete })
    expect(logBlob().content.toString()).toBe("")
    expect(await world.runs.listOpen("acme")).toEqual([])
  })

  it("takes a repeated last event and closes the log that the first one could not", async () => {
    const { setMetadata } = world.blobs
    world.blobs.setMetadata = () => Promise.reject(new AppError("StorageUnavailable", "away", { isRetryable: true }))
    expect(await thrown(recordRunEvent(world, token(), finished(1)))).toMatchObject({ code: "StorageUnavailable" })
    world.blobs.setMetadata = setMetadata

    await recordRunEvent(world, token(), finished(1))

    expect(logBlob().metadata).toMatchObject({ Complete: "successful" })
  })

  it("never changes a run that has ended", async () => {
    await recordRunEvent(world, token(), finished(1, "Failed", "first"))

    const late = await thrown(recordRunEvent(world, token(), finished(2, "Succeeded")))

    expect(late).toMatchObject({ code: "RunEnded" })
    expect(await stored()).toMatchObject({ status: "Failed", runErrorMessage: "first" })
  })

  it("refuses a builder that did not claim the run", async () => {
    const stranger = { ...finished(1), builderId: "builder-two" }

    expect(await thrown(recordRunEvent(world, token(), stranger))).toMatchObject({ code: "RunNotClaimable" })
  })
})

describe("cancelRun", () => {
  it("ends a queued run at once, with its log closed and a last line in it", async () => {
    await cancelRun(world, run)

    expect(await stored()).toMatchObject({ status: "Canceled" })
    expect(logBlob().metadata).toMatchObject({ Complete: "canceled" })
    expect(logBlob().content.toString()).toBe(`\r\nRun ID: ${run.runId} was canceled after 0s\r\n`)
  })

  it("tells a running builder by its next heartbeat", async () => {
    await start()
    await claim()
    expect(await recordHeartbeat(world, token(), BUILDER)).toEqual({ isCancelRequested: false })

    await cancelRun(world, run)

    expect(await stored()).toMatchObject({ status: "Running" })
    expect(await recordHeartbeat(world, token(), BUILDER)).toEqual({ isCancelRequested: true })
  })

  it("stops a builder that was launched and has not claimed", async () => {
    await start()

    await cancelRun(world, run)

    expect(world.stopped).toEqual([`${run.runId}-1`])
    expect(await thrown(claim())).toMatchObject({ code: "RunNotClaimable" })
  })

  it("may be asked for twice, but not for a run that has ended otherwise", async () => {
    await cancelRun(world, run)
    await cancelRun(world, run)
    const other = await queued(world, {
      registry: registry(),
      request: request(),
      runType: "QuickBuild",
      requestedBy: "x",
    })
    run = other
    await start()
    await claim()
    await recordRunEvent(world, token(), finished(1))

    expect(await thrown(cancelRun(world, run))).toMatchObject({ code: "Conflict" })
  })
})

describe("sweepRuns", () => {
  it("leaves a run alone that is on its way", async () => {
    await start()
    await claim()
    world.pass(20)
    await recordHeartbeat(world, token(), BUILDER)
    world.pass(20)

    expect(await sweepRuns(world)).toBe(0)
  })

  it("sends a queued run again under a new message id", async () => {
    world.pass(31)

    await sweepRuns(world)

    expect(world.sent.at(-1)?.message).toMatchObject({ runId: run.runId, attempt: 2 })
    expect(await start()).toBe("launched")
  })

  it("launches again what no builder claimed, and gives up after the last attempt", async () => {
    for (let attempt = 1; attempt <= 3; attempt++) {
      await start()
      world.pass(61)
      await sweepRuns(world)
    }

    expect(world.launched.map(({ name }) => name)).toEqual([1, 2, 3].map((attempt) => `${run.runId}-${attempt}`))
    expect(await stored()).toMatchObject({ status: "Error" })
    expect((await stored()).runErrorMessage).toContain("3 builders were started")
  })

  it("ends as Error a run whose builder is gone, soon after its last word, and runs nothing twice", async () => {
    await start()
    await claim()
    world.alive.clear()
    world.pass(6)

    await sweepRuns(world)

    expect(await stored()).toMatchObject({ status: "Error", attempt: 1 })
    expect(logBlob().content.toString()).toContain(
      `Run ID: ${run.runId} failed after 6s. Error: The builder ended before`,
    )
    expect(world.sent).toHaveLength(1)
  })

  it("does not touch a run that a builder claims while it is judged", async () => {
    await start()
    world.pass(61)
    const { get } = world.runs
    let reads = 0
    world.runs.get = async (registryName, id) => {
      const found = await get(registryName, id)
      if (++reads === 1) await claimRun({ ...world, runs: { ...world.runs, get } }, token(), BUILDER)
      return found
    }

    await sweepRuns(world)

    expect(await stored()).toMatchObject({ status: "Running", attempt: 1 })
    expect(world.stopped).toEqual([])
  })

  it("stops a silent builder that claimed before its launch was noted", async () => {
    await claim()
    world.pass(61)

    await sweepRuns(world)

    expect(await stored()).toMatchObject({ status: "Error", launches: 0 })
    expect(world.stopped).toEqual([`${run.runId}-1`])
  })

  it("ends as Error a run whose builder is silent, and stops it", async () => {
    await start()
    await claim()
    world.pass(61)

    await sweepRuns(world)

    expect(await stored()).toMatchObject({ status: "Error" })
    expect(world.stopped).toEqual([`${run.runId}-1`])
  })

  it("does not take its own absence for a builder's silence", async () => {
    await start()
    await claim()
    world.pass(300)
    world.processStartedAt = world.now()
    world.pass(4)

    expect(await sweepRuns(world)).toBe(0)
    expect(await stored()).toMatchObject({ status: "Running" })
  })

  it("ends a cancelled run whose builder does not obey", async () => {
    await start()
    await claim()
    await cancelRun(world, run)
    world.pass(31)

    await sweepRuns(world)

    expect(await stored()).toMatchObject({ status: "Canceled" })
  })

  it("ends a run as Timeout whose builder did not", async () => {
    await start()
    await claim()
    world.pass(3600 + 61)
    await recordHeartbeat(world, token(), BUILDER)

    await sweepRuns(world)

    expect(await stored()).toMatchObject({ status: "Timeout" })
    expect(logBlob().metadata).toMatchObject({ Complete: "timedout" })
  })

  it("writes the last line once, even when the log could not be closed after it", async () => {
    const { setMetadata } = world.blobs
    let writes = 0
    world.blobs.setMetadata = (...args) =>
      ++writes === 2
        ? Promise.reject(new AppError("StorageUnavailable", "away", { isRetryable: true }))
        : setMetadata(...args)
    await thrown(cancelRun(world, run))

    await sweepRuns(world)

    expect(
      logBlob()
        .content.toString()
        .match(/Run ID/g),
    ).toHaveLength(1)
    expect(logBlob().metadata).toMatchObject({ Complete: "canceled" })
  })

  it("closes the log of a run that ended while the store was away", async () => {
    await start()
    await claim()
    const { setMetadata } = world.blobs
    world.blobs.setMetadata = () => Promise.reject(new AppError("StorageUnavailable", "away", { isRetryable: true }))
    await thrown(recordRunEvent(world, token(), finished(1)))
    world.blobs.setMetadata = setMetadata

    await sweepRuns(world)

    expect(logBlob().metadata).toMatchObject({ Complete: "successful" })
    expect(logBlob().content.toString()).toBe("")
    expect(await world.runs.listOpen("acme")).toEqual([])
  })
})
