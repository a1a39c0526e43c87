import { readFile, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { imageName, imageReference } from "../../shared/registry/image-reference.ts"
import type { BuildPlan } from "./bake-definition.ts"
import { createBaseReader } from "./base-digests.ts"
import { callEngine, explain } from "./call-engine.ts"
import { classifyBuildFailure, type PrintedLine } from "./classify-failure.ts"
import type { BuildOptions, BuildResult } from "./engine.ts"
import { EngineError } from "./engine-error.ts"
import type { EngineSession } from "./engine-session.ts"
import { inspectBases } from "./inspect-bases.ts"
import { type CheckedDockerfile, checkDockerfile } from "./read-build-file.ts"
import { argumentLine, isReservedArgument, withReservedArguments } from "./reserved-arguments.ts"
import { ensureNetwork } from "./run-network.ts"

/** Builds one image into the engine's own store, under a name that is the run's own. */
export async function buildImage(session: EngineSession, options: BuildOptions): Promise<BuildResult> {
  const dockerfile = await checkDockerfile(options)
  const number = ++session.buildCount
  const cache = cacheFor(session, options)
  const plan: BuildPlan = {
    contextFolder: options.contextFolder,
    dockerfilePath: options.dockerfilePath,
    localName: session.dialect.localName(session.runId, number),
    target: dockerfile.target,
    buildArguments: argumentsFor(session, options, cache?.repository),
    platform: options.platform,
    noCache: options.noCache,
    labels: options.labels,
    cacheFrom: options.cache.isRead ? (cache?.from ?? []) : [],
    cacheTo: options.cache.isWritten ? cache?.to : undefined,
  }
  const bases = createBaseReader()
  const onLine = withCleanLines(session, plan, (line, stream, isPiece) => {
    bases.read(line)
    options.onLine(line, stream, isPiece)
  })
  const imageId = await runBuild(session, plan, dockerfile, number, onLine)
  const isInline = plan.cacheTo === "inline"
  session.builds.set(imageId, { localName: plan.localName, cacheImage: isInline ? cache?.from[0] : undefined })
  return {
    imageId,
    bases: session.dialect.inspectBases ? await inspectBases(session, dockerfile.bases) : bases.bases(),
  }
}

async function runBuild(
  session: EngineSession,
  plan: BuildPlan,
  dockerfile: CheckedDockerfile,
  number: number,
  onLine: BuildOptions["onLine"],
): Promise<string> {
  const { dialect, choice, home, buildRunner } = session
  const resultFile = join(home.folder, `build-${number}.result`)
  const network = dialect.isolatesBuilds ? undefined : await ensureNetwork(session)
  const files = { resultFile, network, temporaryFolder: home.temporary }
  const dockerfilePath = await writeArguments(session, plan, dockerfile, number)
  const hadAbandonedBuild = session.hasAbandonedBuild
  const invocation = dialect.build(choice, { ...plan, dockerfilePath }, files)
  session.hasAbandonedBuild = true
  const answer = await callEngine(buildRunner, invocation, onLine)
  if (answer.isSuccess) {
    session.hasAbandonedBuild = hadAbandonedBuild
    const imageId = dialect.imageIdOf(await readFile(resultFile, "utf8").catch(() => "{}"))
    if (imageId !== undefined) return imageId
    throw new EngineError("EngineUnavailable", `${choice.dialect} built an image and did not say which`)
  }
  if (plan.cacheTo !== undefined && isCacheFailure(answer.lines)) {
    onLine("WARNING: the layer cache cannot be written; building without it", "stderr")
    return await runBuild(session, { ...plan, cacheTo: undefined }, dockerfile, number, onLine)
  }
  throw await explain(session, classifyBuildFailure(answer.lines))
}

/** Reserved names never become environment: podman gets them in a copy of the Dockerfile, next to the engine's own files. */
async function writeArguments(
  { dialect, home }: EngineSession,
  plan: BuildPlan,
  { text }: CheckedDockerfile,
  number: number,
): Promise<string> {
  const reserved = plan.buildArguments.filter(({ name }) => isReservedArgument(name))
  if (dialect.name === "docker" || reserved.length === 0) return plan.dockerfilePath
  const path = join(home.folder, `build-${number}.Dockerfile`)
  await rm(path, { force: true })
  await writeFile(path, withReservedArguments(text, reserved), { mode: 0o600 })
  return path
}

/** podman fails a whole build over a cache that it cannot write; buildx is told not to. */
function isCacheFailure(lines: readonly PrintedLine[]): boolean {
  return lines.some(({ line, stream }) => stream === "stderr" && line.startsWith("Error: failed pushing cache to"))
}

function withCleanLines({ dialect }: EngineSession, plan: BuildPlan, onLine: BuildOptions["onLine"]) {
  const reserved = dialect.name === "podman" ? plan.buildArguments.filter(({ name }) => isReservedArgument(name)) : []
  const hidden = reserved.map((argument) => ({ line: argumentLine(argument), shown: `ARG ${argument.name}` }))
  const onCleanLine: BuildOptions["onLine"] = (line, stream, isPiece) => {
    const clean = dialect.cleanLine(line)
    if (clean === undefined) return
    onLine(
      hidden.reduce((text, { line: secret, shown }) => text.replaceAll(secret, shown), clean),
      stream,
      isPiece,
    )
  }
  return onCleanLine
}

function cacheFor({ dialect, choice }: EngineSession, { images, platform }: BuildOptions) {
  const first = imageReference(images[0] ?? "")
  if (first === undefined) return undefined
  const repository = imageName({ registry: first.registry, repository: first.repository })
  const cache = dialect.cacheOf(repository, platform, choice.cache)
  return cache === undefined ? undefined : { ...cache, repository }
}

/** Cache mounts of BuildKit are shared between all builds of an engine: a namespace per repository keeps them apart. */
function argumentsFor(session: EngineSession, options: BuildOptions, repository: string | undefined) {
  const given = options.buildArguments.filter(({ name }) => name !== "BUILDKIT_CACHE_MOUNT_NS")
  if (session.dialect.name !== "docker") return given
  return [...given, { name: "BUILDKIT_CACHE_MOUNT_NS", value: repository ?? `run-${session.runId}` }]
}
