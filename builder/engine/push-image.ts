import { createHash } from "node:crypto"
import { access, constants, mkdir, readFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { imageName, imageReference } from "../../shared/registry/image-reference.ts"
import { callEngine, explain } from "./call-engine.ts"
import { classifyPushFailure } from "./classify-failure.ts"
import type { PushFiles } from "./dialect.ts"
import type { OnLine } from "./engine.ts"
import { EngineError } from "./engine-error.ts"
import type { EngineSession } from "./engine-session.ts"
import type { ProcessRunner } from "./run-process.ts"

/** Who shares the engine but not the lock may take a name from us; then we try again. */
const ATTEMPTS = 5
/** What docker says of a name that went, or came, between two looks at it. */
const LOST_NAME = /does not exist locally|tag does not exist|failed because it already exists/i

/** Pushes what this run built, and nothing else, under an image name. Returns the digest that the registry holds. */
export async function pushImage(
  session: EngineSession,
  imageId: string,
  image: string,
  onLine: OnLine,
  signal?: AbortSignal,
): Promise<string> {
  const build = session.builds.get(imageId)
  if (build === undefined) throw new TypeError(`${imageId} is no image of run ${session.runId}`)
  const reference = imageReference(image)
  if (reference?.tag === undefined || reference.digest !== undefined) {
    throw new EngineError("PushRefused", `failed to push ${image}: it is no image name with a tag`)
  }
  const digest = await pushOwn(session, build.localName, imageId, imageName(reference), onLine, signal)
  const { cacheImage } = build
  if (cacheImage === undefined) return digest
  session.builds.set(imageId, { ...build, cacheImage: undefined })
  await pushOwn(session, build.localName, imageId, cacheImage, () => {}).catch((error: unknown) => {
    if (session.runner.isAborted) throw error
    onLine("WARNING: the layer cache cannot be written", "stderr")
  })
  return digest
}

async function pushOwn(
  session: EngineSession,
  localName: string,
  imageId: string,
  image: string,
  onLine: OnLine,
  signal?: AbortSignal,
) {
  session.pushedNames.set(image, localName)
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const digest = await pushOnce(session, localName, image, onLine, signal)
    if (digest !== undefined && (await isOwnDigest(session, localName, imageId, digest))) return digest
  }
  throw new EngineError("PushRefused", `failed to push ${image}: other runs keep pushing the same name`)
}

/** Undefined when another run took the name away in between. */
async function pushOnce(
  session: EngineSession,
  localName: string,
  image: string,
  onLine: OnLine,
  signal: AbortSignal | undefined,
) {
  const { dialect, choice, runner } = session
  const files = await pushFiles(session, localName, image)
  const { isSuccess, lines } = await callEngine(
    runner,
    { ...dialect.push(choice, localName, image, files), signal },
    (line, stream, isPiece) => {
      const clean = dialect.cleanLine(line)
      if (clean !== undefined) onLine(clean, stream, isPiece)
    },
  )
  if (!isSuccess && lines.some(({ line }) => LOST_NAME.test(line))) return undefined
  if (!isSuccess) throw await explain(session, classifyPushFailure(image, lines))
  const fromOutput = lines.map(({ line }) => /: digest: (sha256:[0-9a-f]{64}) size: \d+$/.exec(line)?.[1]).find(Boolean)
  const digest = fromOutput ?? (await readFile(files.digestFile, "utf8").catch(() => "")).trim()
  if (!digest.startsWith("sha256:")) throw new EngineError("PushRefused", `${image} was pushed without a digest`)
  return digest
}

/** Builders of one machine share its lock folder; a builder that has its engine to itself shares it with nobody. */
async function pushFiles(
  { choice, home, builds }: EngineSession,
  localName: string,
  image: string,
): Promise<PushFiles> {
  const isThere = await access("/run/lock", constants.W_OK).then(
    () => true,
    () => false,
  )
  const folder = join(isThere ? "/run/lock" : tmpdir(), `slipway-${process.getuid?.() ?? 0}`)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const key = createHash("sha256")
    .update(`${choice.env.DOCKER_HOST ?? ""}\n${image}`)
    .digest("hex")
  // Two digits: 256 files however many images there are. Two names that share one take turns, no more.
  const isIndex = [...builds.values()].some((build) => build.localName === localName && build.isIndex)
  const digestFile = join(home.folder, `push-${localName.replace(/[^\w.-]/g, "_")}.digest`)
  return { digestFile, lockFile: join(folder, `push-${key.slice(0, 2)}`), isIndex }
}

/** docker pushes whatever the name means at that moment; podman pushes the image that it was told. */
async function isOwnDigest(
  { dialect, choice, runner }: EngineSession,
  localName: string,
  imageId: string,
  digest: string,
) {
  if (dialect.name !== "docker" || digest === imageId) return true
  const args = ["image", "inspect", "--format", "{{json .RepoDigests}}", localName]
  const { lines } = await callEngine(runner, { command: choice.command, args })
  return lines.some(({ line, stream }) => stream === "stdout" && line.includes(`@${digest}"`))
}

/** Takes the names away that pushes have given to images of the engine, when the run is over. Best effort. */
export async function untagPushed(session: EngineSession, runner: ProcessRunner): Promise<void> {
  for (const [image, localName] of session.pushedNames) {
    try {
      const untag = session.dialect.untag(session.choice, image, await pushFiles(session, localName, image))
      if (untag !== undefined) await callEngine(runner, untag)
    } catch {
      // The name stays; everything else of the run goes all the same.
    }
  }
}
