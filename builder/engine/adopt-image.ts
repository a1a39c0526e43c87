import { callEngine } from "./call-engine.ts"
import type { EngineSession } from "./engine-session.ts"

/**
 * Makes the run's own what the engine itself knows by this name: an image that a step has made through the engine's socket. It can be
 * pushed like one that the run has built. Returns its id; undefined when the engine has no such image. Errors: EngineError.
 */
export async function adoptImage(session: EngineSession, image: string): Promise<string | undefined> {
  const { choice, dialect, runner, builds } = session
  const { command } = choice
  const inspect = await callEngine(runner, { command, args: ["image", "inspect", "--format={{.Id}}", "--", image] })
  const imageId = inspect.lines.find(({ stream }) => stream === "stdout")?.line.trim()
  if (!inspect.isSuccess || imageId === undefined || imageId === "") return undefined
  if (builds.has(imageId)) return imageId
  // By its id: the name is free to mean something else by the time that it is pushed.
  const localName = dialect.localName(session.runId, ++session.buildCount)
  const tag = await callEngine(runner, { command, args: ["tag", imageId, localName] })
  if (!tag.isSuccess) return undefined
  builds.set(imageId, { localName, cacheImage: undefined, isIndex: false })
  return imageId
}
