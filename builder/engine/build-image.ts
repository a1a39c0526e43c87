import { mkdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { imageName, imageReference } from "../../shared/registry/image-reference.ts"
import type { BuildPlan } from "./bake-definition.ts"
import { createBaseReader } from "./base-digests.ts"
import { cacheNamespace } from "./cache-namespace.ts"
import { callEngine, explain } from "./call-engine.ts"
import { classifyBuildFailure, type PrintedLine } from "./classify-failure.ts"
import { copyContexts } from "./copy-contexts.ts"
import type { BuildOptions, BuildResult, BuildSettings } from "./engine.ts"
import { EngineError } from "./engine-error.ts"
import type { EngineSession } from "./engine-session.ts"
import { inspectBases } from "./inspect-bases.ts"
import { type CheckedDockerfile, checkDockerfile } from "./read-build-file.ts"
import { hasUnsafeMounts, refuseUnsafeMounts } from "./refuse-unsafe-mounts.ts"
import { argumentLine, isReservedArgument } from "./reserved-arguments.ts"
import { BUILD_NETWORK, ensureNetwork } from "./run-network.ts"
import { writeDockerfile } from "./write-dockerfile.ts"

/** Builds one image into the engine's own store, under a name that is the run's own. */
export async function buildImage(session: EngineSession, given: BuildOptions): Promise<BuildResult> {
  const number = ++session.buildCount
  const options = session.dialect.name === "podman" ? await copyContexts(session, given, number) : given
  const dockerfile = await checkDockerfile(options)
  if (isUnsafe(session)) refuseUnsafeMounts(dockerfile.text, options.contextFolder)
  const cache = cacheFor(session, options)
  const isClassic = options.isClassic === true && session.dialect.name === "docker"
  if (isClassic) refuseWithoutBuildKit(options.settings)
  const plan: BuildPlan = {
    contextFolder: options.contextFolder,
    dockerfilePath: options.dockerfilePath,
    localName: session.dialect.localName(session.runId, number),
    target: dockerfile.target,
    buildArguments: argumentsFor(session, options, cache?.repository),
    platforms: options.platforms,
    isClassic,
    // Only BuildKit can build some stages anew: the others build all of them.
    noCache: options.noCache || ((isClassic || session.dialect.name !== "docker") && hasFilter(options.settings)),
    labels: options.labels,
    settings: options.settings,
    ownImages: ownImagesOf(session, dockerfile.bases),
    cacheFrom: options.cache.isRead ? [...(cache?.from ?? []), ...(options.settings?.cacheFrom ?? [])] : [],
    cacheTo: options.cache.isWritten ? cache?.to : undefined,
  }
  session.localNames.push(plan.localName)
  const bases = createBaseReader()
  const onLine = withCleanLines(session, plan, (line, stream, isPiece) => {
    bases.read(line)
    options.onLine(line, stream, isPiece)
  })
  const imageId = await runBuild(session, plan, dockerfile, number, onLine, options.signal)
  const isInline = plan.cacheTo === "inline"
  const cacheImage = isInline ? cache?.from[0] : undefined
  session.builds.set(imageId, { localName: plan.localName, cacheImage, isIndex: options.platforms.length > 1 })
  for (const image of options.images) {
    const reference = imageReference(image)
    if (reference !== undefined) session.namedImages.set(imageName(reference), plan.localName)
  }
  return {
    imageId,
    bases:
      session.dialect.inspectBases || plan.isClassic ? await inspectBases(session, dockerfile.bases) : bases.bases(),
  }
}

async function runBuild(
  session: EngineSession,
  plan: BuildPlan,
  dockerfile: CheckedDockerfile,
  number: number,
  onLine: BuildOptions["onLine"],
  signal: AbortSignal | undefined,
): Promise<string> {
  const { dialect, choice, home, buildRunner } = session
  const resultFile = join(home.folder, `build-${number}.result`)
  const network = dialect.isolatesBuilds ? undefined : await ensureNetwork(session, BUILD_NETWORK)
  // A folder for each build: what one left in a cache mount must not lead the next one's mounts astray.
  const temporaryFolder = isUnsafe(session) ? join(home.temporary, `build-${number}`) : home.temporary
  await mkdir(temporaryFolder, { recursive: true, mode: 0o700 })
  const written =
    dialect.name === "podman" || plan.isClassic
      ? await writeDockerfile(home.folder, number, plan, dockerfile.text)
      : { dockerfilePath: plan.dockerfilePath, ignoreFile: undefined }
  const files = { resultFile, network, temporaryFolder, ignoreFile: written.ignoreFile }
  const hadAbandonedBuild = session.hasAbandonedBuild
  const invocation = dialect.build(choice, { ...plan, dockerfilePath: written.dockerfilePath }, files)
  session.hasAbandonedBuild = true
  const answer = await callEngine(buildRunner, { ...invocation, signal }, onLine)
  if (answer.isSuccess) {
    session.hasAbandonedBuild = hadAbandonedBuild
    const result = await readFile(resultFile, "utf8").catch(() => "{}")
    const imageId = plan.isClassic ? result.trim() : dialect.imageIdOf(result)
    if (imageId !== undefined) return imageId
    throw new EngineError("EngineUnavailable", `${choice.dialect} built an image and did not say which`)
  }
  if (plan.cacheTo !== undefined && isCacheFailure(answer.lines)) {
    onLine("WARNING: the layer cache cannot be written; building without it", "stderr")
    return await runBuild(session, { ...plan, cacheTo: undefined }, dockerfile, number, onLine, signal)
  }
  throw await explain(session, classifyBuildFailure(answer.lines))
}

/** What docker's old builder does not know, and the image would be without. Errors: EngineError `BuildFailed`. */
function refuseWithoutBuildKit({ secrets = [], contexts = [] }: BuildSettings = {}): void {
  const names = [...(secrets.length > 0 ? ["--secret"] : []), ...(contexts.length > 0 ? ["--build-context"] : [])]
  if (names.length === 0) return
  throw new EngineError(
    "BuildFailed",
    `${names.join(", ")}: BuildKit is needed, remove DOCKER_BUILDKIT=0 from the step`,
  )
}

function hasFilter({ noCacheFilter = [] }: BuildSettings = {}): boolean {
  return noCacheFilter.length > 0
}

/**
 * Bases that this run has built itself, under the names by which BuildKit looks for a named context: short, as docker shows them, and
 * without `:latest` (Dockerfile frontend, "named contexts").
 */
function ownImagesOf({ namedImages }: EngineSession, bases: readonly string[]): BuildPlan["ownImages"] {
  return bases.flatMap((base) => {
    const localName = namedImages.get(base)
    const short = base.replace(/^docker\.io\/(?:library\/)?/, "").replace(/:latest$/, "")
    return localName === undefined ? [] : [{ name: short, localName }]
  })
}

/** podman fails a whole build over a cache that it cannot write; buildx is told not to. */
function isCacheFailure(lines: readonly PrintedLine[]): boolean {
  return lines.some(({ line, stream }) => stream === "stderr" && line.startsWith("Error: failed pushing cache to"))
}

function withCleanLines({ dialect }: EngineSession, plan: BuildPlan, onLine: BuildOptions["onLine"]) {
  const reserved =
    dialect.name === "podman" || plan.isClassic
      ? plan.buildArguments.filter(({ name }) => isReservedArgument(name))
      : []
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

function cacheFor({ dialect, choice }: EngineSession, { images, platforms }: BuildOptions) {
  const first = imageReference(images[0] ?? "")
  if (first === undefined) return undefined
  const repository = imageName({ registry: first.registry, repository: first.repository })
  const cache = dialect.cacheOf(repository, platforms.join("-"), choice.cache)
  return cache === undefined ? undefined : { ...cache, repository }
}

function isUnsafe({ choice }: EngineSession): boolean {
  return choice.dialect === "podman" && hasUnsafeMounts(choice.version)
}

function argumentsFor(session: EngineSession, options: BuildOptions, repository: string | undefined) {
  const given = options.buildArguments.filter(({ name }) => name !== "BUILDKIT_CACHE_MOUNT_NS")
  if (session.dialect.name !== "docker") return given
  const value = cacheNamespace(session.owner, repository, session.runId, options.cache.isWritten)
  return [...given, { name: "BUILDKIT_CACHE_MOUNT_NS", value }]
}
