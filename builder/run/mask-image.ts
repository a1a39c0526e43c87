import type { ImageDependencies } from "../../shared/builders/builder-messages.ts"
import type { ImageDescriptor } from "../../shared/registry/image-descriptor.ts"

type Mask = (text: string) => string

const DIGEST = /^sha256:[0-9a-f]{64}$/

/**
 * An image as the service may keep it: its row and its answers are as public as the log. A digest is what the registry computed;
 * a short secret stands in one by chance.
 */
export function maskImage({ registry, repository, tag, digest }: ImageDescriptor, mask: Mask): ImageDescriptor {
  return {
    registry: mask(registry),
    repository: mask(repository),
    ...(tag === undefined ? {} : { tag: mask(tag) }),
    ...(digest === undefined ? {} : { digest: DIGEST.test(digest) ? digest : mask(digest) }),
  }
}

export function maskDependencies(
  { image, runtime, buildtime, gitRevision }: ImageDependencies,
  mask: Mask,
): ImageDependencies {
  return {
    ...(image === undefined ? {} : { image: maskImage(image, mask) }),
    ...(runtime === undefined ? {} : { runtime: maskImage(runtime, mask) }),
    buildtime: buildtime.map((one) => maskImage(one, mask)),
    ...(gitRevision === undefined ? {} : { gitRevision }),
  }
}
