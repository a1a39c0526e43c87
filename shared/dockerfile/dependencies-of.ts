import type { ImageDependencies } from "../builders/builder-messages.ts"
import type { ImageDescriptor } from "../registry/image-descriptor.ts"
import { imageName, imageReference } from "../registry/image-reference.ts"
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
  const resolved = new Map<string, ImageDescriptor>()
  for (const { reference, digest } of bases) {
    const base = imageReference(reference)
    if (base !== undefined) resolved.set(imageName(base), { ...base, ...(digest !== undefined && { digest }) })
  }
  const known = new Set([runtime, ...buildtime].flatMap((base) => (base === undefined ? [] : [imageName(base)])))
  const unknown = [...resolved].filter(([name]) => !known.has(name)).map(([, base]) => base)
  return {
    ...(image !== undefined && { image }),
    ...(runtime !== undefined && { runtime: resolved.get(imageName(runtime)) ?? runtime }),
    buildtime: [...buildtime.map((base) => resolved.get(imageName(base)) ?? base), ...unknown],
  }
}
