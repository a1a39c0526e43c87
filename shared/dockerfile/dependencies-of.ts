import type { ImageDependencies } from "../builders/builder-messages.ts"
import type { ImageDescriptor } from "../registry/image-descriptor.ts"
import { type ImageReference, imageReference } from "../registry/image-reference.ts"
import type { Dockerfile } from "./read-dockerfile.ts"

/** One base image as an engine named it, with the digest that it resolved. */
export type ResolvedBase = { reference: string; digest: string | undefined }

/**
 * Joins what the Dockerfile says with the digests that the engine really resolved: what a run reports and what base-image
 * triggers compare with. Images that only the engine knows (from an `ONBUILD` of a base) count as buildtime.
 */
export function dependenciesOf(
  dockerfile: Pick<Dockerfile, "dependencies">,
  bases: readonly ResolvedBase[],
  image?: ImageDescriptor,
): ImageDependencies {
  const { runtime, buildtime } = dockerfile.dependencies
  const resolved = new Map<string, ImageReference>()
  for (const { reference, digest } of bases) {
    const base = imageReference(reference)
    if (base === undefined) continue
    const found = { ...base, ...(digest !== undefined && { digest }) }
    for (const key of keysOf(found)) resolved.set(key, found)
  }
  const join = (base: ImageReference): ImageReference => {
    const found = keysOf(base).flatMap((key) => resolved.get(key) ?? [])[0]
    return found?.digest === undefined ? base : { ...base, digest: found.digest }
  }
  const known = new Set([...(runtime === undefined ? [] : [runtime]), ...buildtime].flatMap(keysOf))
  const unknown = new Set([...resolved.values()].filter((base) => !keysOf(base).some((key) => known.has(key))))
  return {
    ...(image !== undefined && { image }),
    ...(runtime !== undefined && { runtime: join(runtime) }),
    buildtime: [...buildtime.map(join), ...unknown],
  }
}

/** A pinned image is found by its digest, however its tag was printed; else the tag is what was asked for. */
function keysOf({ registry, repository, tag, digest }: ImageReference): string[] {
  const name = `${registry}/${repository}`
  return [...(digest === undefined ? [] : [`${name}@${digest}`]), ...(tag === undefined ? [] : [`${name}:${tag}`])]
}
