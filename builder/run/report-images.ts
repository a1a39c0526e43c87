import { type ImageDependencies, MAX_IMAGES } from "../../shared/builders/builder-messages.ts"
import { dependenciesOf } from "../../shared/dockerfile/dependencies-of.ts"
import { readDockerfile } from "../../shared/dockerfile/read-dockerfile.ts"
import type { ImageDescriptor } from "../../shared/registry/image-descriptor.ts"
import { descriptorOf } from "../images/image-name.ts"
import type { RunImages } from "../steps/run-images.ts"
import { maskDependencies, maskImage } from "./mask-image.ts"

/** What the service is told of a run's images; nothing of what it does not have. */
export type ImageReport = { images?: ImageDescriptor[]; dependencies?: ImageDependencies[] }

/** What the steps that ended have made, without the run's secrets. */
export function reportOf(images: RunImages, maskSecrets: (text: string) => string): ImageReport {
  const pushed = images.pushed.slice(0, MAX_IMAGES).map((image) => maskImage(image, maskSecrets))
  const dependencies = dependenciesOfRun(images).slice(0, MAX_IMAGES)
  return {
    ...(pushed.length === 0 ? {} : { images: pushed }),
    ...(images.builds.length === 0
      ? {}
      : { dependencies: dependencies.map((one) => maskDependencies(one, maskSecrets)) }),
  }
}

/** What every build that ended stands on; one entry for each of its names, one without a name when it has none (task-file 7.2). */
export function dependenciesOfRun({ builds, pushed }: RunImages): ImageDependencies[] {
  return builds.flatMap(({ images, result, dockerfile, target, buildArguments, platform, gitRevision }) => {
    const read = readDockerfile(dockerfile, { buildArguments, target, platform })
    // An engine may understand more than we do; then what it resolved is what we know.
    const dependencies = read.ok ? read.dependencies : { runtime: undefined, buildtime: [] }
    const described = images.map((image) => {
      const found = pushed.find(
        (one) => one.registry === image.registry && one.repository === image.repository && one.tag === image.tag,
      )
      return descriptorOf(image, found?.digest)
    })
    return (described.length === 0 ? [undefined] : described).map((image) => ({
      ...dependenciesOf({ dependencies }, result.bases, image),
      ...(gitRevision === undefined ? {} : { gitRevision }),
    }))
  })
}
