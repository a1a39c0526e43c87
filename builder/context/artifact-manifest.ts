import { z } from "zod"
import { ContextError, quoteName } from "./context-error.ts"

const DIGEST = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/

/** What a manifest says about one blob (OCI image specification, "Content Descriptors"). */
export const Descriptor = z.object({
  mediaType: z.string(),
  digest: z.string().regex(DIGEST),
  size: z.number().int().nonnegative(),
  urls: z.array(z.string()).optional(),
  annotations: z.record(z.string(), z.string()).optional(),
  platform: z.object({ os: z.string(), architecture: z.string(), variant: z.string().optional() }).optional(),
})
export type Descriptor = z.infer<typeof Descriptor>

const Index = z.object({ manifests: z.array(Descriptor) })
const Manifest = z.object({ layers: z.array(Descriptor) })

/** Either the layers of an artifact, or the manifests of an index to pick from. Errors: ContextError when it is neither. */
export function readManifest(text: string, name: string): { layers: Descriptor[] } | { manifests: Descriptor[] } {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new ContextError(`The manifest of the artifact ${quoteName(name)} is no JSON.`, { cause: error })
  }
  const index = Index.safeParse(value)
  if (index.success) return { manifests: index.data.manifests }
  const manifest = Manifest.safeParse(value)
  if (!manifest.success) throw new ContextError(`The artifact ${quoteName(name)} has neither layers nor manifests.`)
  return { layers: manifest.data.layers.map(refuseForeign) }
}

/**
 * The one manifest of an index that is meant: for the run's platform, else the only one, else the first that is for none. Errors:
 * ContextError that names what there is.
 */
export function pickManifest(manifests: Descriptor[], platform: string, name: string): Descriptor {
  const [os, architecture, variant] = platform.split("/")
  const fits = manifests.filter((one) => one.platform?.os === os && one.platform?.architecture === architecture)
  const exact = fits.find((one) => variant === undefined || one.platform?.variant === variant) ?? fits[0]
  const picked = exact ?? (manifests.length === 1 ? manifests[0] : manifests.find((one) => one.platform === undefined))
  if (picked !== undefined) return refuseForeign(picked)
  const there = manifests.map((one) => `${one.platform?.os}/${one.platform?.architecture}`).slice(0, 10)
  throw new ContextError(
    `The artifact ${quoteName(name)} has nothing for ${platform}; it has ${there.join(", ") || "no manifests"}.`,
  )
}

/** What lies elsewhere would be fetched from an address of the manifest's author (distribution, "foreign layers"). */
function refuseForeign(descriptor: Descriptor): Descriptor {
  if ((descriptor.urls?.length ?? 0) === 0 && !/\.foreign\.|nondistributable/.test(descriptor.mediaType))
    return descriptor
  throw new ContextError(
    `The artifact's layer ${descriptor.digest} lies outside the registry (foreign layer), which is not fetched.`,
  )
}
