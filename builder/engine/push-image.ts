import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { imageName, imageReference } from "../../shared/registry/image-reference.ts"
import { callEngine, explain } from "./call-engine.ts"
import { classifyPushFailure, type PrintedLine } from "./classify-failure.ts"
import type { OnLine } from "./engine.ts"
import { EngineError } from "./engine-error.ts"
import type { EngineSession } from "./engine-session.ts"

/** Two runs that push one name on one engine may take it from each other; each then tries again. */
const ATTEMPTS = 5

/** Pushes what this run built, and nothing else, under an image name. Returns the digest that the registry holds. */
export async function pushImage(
  session: EngineSession,
  imageId: string,
  image: string,
  onLine: OnLine,
): Promise<string> {
  const build = session.builds.get(imageId)
  if (build === undefined) throw new TypeError(`${imageId} is no image of run ${session.runId}`)
  const reference = imageReference(image)
  if (reference?.tag === undefined || reference.digest !== undefined) {
    throw new EngineError("PushRefused", `failed to push ${image}: it is no image name with a tag`)
  }
  const digest = await pushOwn(session, build.localName, imageId, imageName(reference), onLine)
  const { cacheImage } = build
  if (cacheImage === undefined) return digest
  session.builds.set(imageId, { ...build, cacheImage: undefined })
  await pushOwn(session, build.localName, imageId, cacheImage, () => {}).catch((error: unknown) => {
    if (session.runner.isAborted) throw error
    onLine("WARNING: the layer cache cannot be written", "stderr")
  })
  return digest
}

async function pushOwn(session: EngineSession, localName: string, imageId: string, image: string, onLine: OnLine) {
  try {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const digest = await pushOnce(session, localName, image, onLine)
      if (digest !== undefined && (await isOwnDigest(session, localName, imageId, digest))) return digest
    }
  } finally {
    untagLater(session, image)
  }
  throw new EngineError("PushRefused", `failed to push ${image}: other runs keep pushing the same name`)
}

/** Undefined when another run took the name away in between. */
async function pushOnce(session: EngineSession, localName: string, image: string, onLine: OnLine) {
  const { dialect, choice, home, runner } = session
  const digestFile = join(home.folder, "push.digest")
  let printed: PrintedLine[] = []
  for (const call of dialect.push(choice, localName, image, digestFile)) {
    const { isSuccess, lines } = await callEngine(runner, call, (line, stream, isPiece) => {
      const clean = dialect.cleanLine(line)
      if (clean !== undefined) onLine(clean, stream, isPiece)
    })
    if (!isSuccess && lines.some(({ line }) => /does not exist locally|tag does not exist/i.test(line)))
      return undefined
    if (!isSuccess) throw await explain(session, classifyPushFailure(image, lines))
    printed = lines
  }
  const fromOutput = printed
    .map(({ line }) => /: digest: (sha256:[0-9a-f]{64}) size: \d+$/.exec(line)?.[1])
    .find(Boolean)
  const digest = fromOutput ?? (await readFile(digestFile, "utf8").catch(() => "")).trim()
  if (!digest.startsWith("sha256:")) throw new EngineError("PushRefused", `${image} was pushed without a digest`)
  return digest
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

/** Nobody waits for it, but the run's things are not removed before it has ended. */
function untagLater({ dialect, choice, runner, pending }: EngineSession, image: string): void {
  const untag = dialect.untag(choice, image)
  if (untag === undefined) return
  const ended = callEngine(runner, untag)
    .catch(() => {})
    .finally(() => pending.delete(ended))
  pending.add(ended)
}
