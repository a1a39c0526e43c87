import { type ImageReference, imageName, imageReference } from "../../shared/registry/image-reference.ts"
import { callEngine } from "./call-engine.ts"
import { EngineError } from "./engine-error.ts"
import type { EngineSession } from "./engine-session.ts"
import { resolveDigest } from "./resolve-digest.ts"

/** What the engine is told to run, and when it fetches that: an image by digest only where it is missing. */
export type RunnableImage = { name: string; pull: "never" | "missing" | "always" }

type ImageSession = Pick<EngineSession, "choice" | "runner" | "namedImages" | "registries" | "lookups">

/**
 * The image that a name means in this run: what the run has built under it; else what its registry says that the tag means now, asked
 * with the run's own logins, so that no run uses what only another one may pull and none misses a tag that moved; else the name
 * as it is, for the engine to fetch. `isLocalAllowed`: an image that only the engine has counts too.
 */
export async function resolveImage(
  session: ImageSession,
  image: string,
  isLocalAllowed: boolean,
): Promise<RunnableImage> {
  const reference = imageReference(image)
  // Whatever is no image name could be an option, or a place of the machine (`dir:/…`), to the engine.
  if (reference === undefined) throw new EngineError("BaseImageNotFound", `"${image}" is no image name`)
  const own = session.namedImages.get(imageName(reference))
  if (own !== undefined) return { name: own, pull: "never" }
  if (isLocalAllowed && (await hasImage(session, image))) return { name: image, pull: "never" }
  // A digest is asked for as well: that the engine has it proves no right of this run.
  const digest = await digestNow(session, reference)
  if (digest === undefined) return { name: imageName(reference), pull: "always" }
  return {
    name: imageName({ registry: reference.registry, repository: reference.repository, digest }),
    pull: "missing",
  }
}

/** Steps that ask at the same time share the answer; one that asks later may get another. */
function digestNow({ registries, lookups }: ImageSession, reference: ImageReference): Promise<string | undefined> {
  const name = imageName(reference)
  const asked = lookups.get(name) ?? resolveDigest(reference, registries).finally(() => lookups.delete(name))
  lookups.set(name, asked)
  return asked
}

async function hasImage({ choice, runner }: ImageSession, image: string): Promise<boolean> {
  const args = ["image", "inspect", "--format={{.Id}}", "--", image]
  return (await callEngine(runner, { command: choice.command, args })).isSuccess
}
