import type { ContainerOptions, ContainerResult } from "./container-options.ts"
import type { EngineSession } from "./engine-session.ts"
import { imagePlatforms } from "./image-platforms.ts"

const MAX_SHOWN = 10

/**
 * How a container ended, with the platform as the reason where its image has no such one: docker says `No such image` to that, podman
 * speaks of a manifest list. Asks the registry only where the engine could not run the container.
 */
export async function explainPlatform(
  session: Pick<EngineSession, "choice" | "runner" | "registries">,
  { image, platform, pull }: Pick<ContainerOptions, "image" | "platform" | "pull">,
  result: ContainerResult,
): Promise<ContainerResult> {
  if (result.reason === undefined) return result
  const there = await imagePlatforms(session, image, pull === "never")
  const [os, architecture] = platform.split("/")
  if (there.length === 0 || there.some((one) => `${one}/`.startsWith(`${os}/${architecture}/`))) return result
  const shown = there.length > MAX_SHOWN ? [...there.slice(0, MAX_SHOWN), "…"] : there
  const fix = `run it for one of them (--platform ${there[0]}), or name another image`
  return { ...result, reason: `the image ${image} is not for ${platform}, it is for ${shown.join(", ")}: ${fix}` }
}
