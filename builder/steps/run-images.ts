import type { ImageDescriptor } from "../../shared/registry/image-descriptor.ts"
import type { BuildResult } from "../engine/engine.ts"
import type { TargetImage } from "../images/image-name.ts"

/** A build that ended, and what its base images can be told from. */
export type Built = {
  stepId: string
  images: TargetImage[]
  result: BuildResult
  dockerfile: string
  target: string | undefined
  buildArguments: { name: string; value: string }[]
  platform: string
  /** Full id of the commit that it was built from. */
  gitRevision: string | undefined
}

/** What the steps of a run have made; filled while they run, so that a failed run still reports it. */
export type RunImages = { builds: Built[]; pushed: ImageDescriptor[] }

/** The build that last gave a name to an image. */
export function builtAs({ builds }: RunImages, fullName: string): Built | undefined {
  return builds.findLast(({ images }) => images.some((image) => image.fullName === fullName))
}
