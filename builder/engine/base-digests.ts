import { type ImageReference, imageName, imageReference } from "../../shared/registry/image-reference.ts"

export type Base = { reference: string; digest: string | undefined }

/**
 * Reads the base images that BuildKit resolved, with digests, out of its plain progress, line by line: vertices named
 * `[stage 1/3] FROM name@sha256:…`. Names that it looked up and did not use come without a digest and are left out, and so are names
 * that this build has not looked up: what two builds have in common is done once, and shown to both under the names of either.
 */
export function createBaseReader() {
  const bases = new Map<string, Base>()
  const lookedUp = new Set<string>()
  return {
    read(line: string): void {
      const name = /^#\d+ \[[^\]]*\] load metadata for (\S+)$/.exec(line)?.[1]
      const own = name === undefined ? undefined : imageReference(name)
      if (own !== undefined) lookedUp.add(nameOf(own))
      const match = /^#\d+ (?:\[[^\]]*\] )?FROM (\S+@sha256:[0-9a-f]{64})$/.exec(line)
      const found = match?.[1] === undefined ? undefined : imageReference(match[1])
      if (found !== undefined) bases.set(nameOf(found), { reference: nameOf(found), digest: found.digest })
    },
    bases: (): Base[] => [...bases.values()].filter(({ reference }) => lookedUp.has(reference)),
  }
}

/**
 * `tag` and `digest` beside each other: the digest is the answer, not part of the name, unless it was all that was asked
 * for or the Dockerfile pins it.
 */
function nameOf({ digest, ...name }: ImageReference): string {
  return imageName(name.tag === undefined && digest !== undefined ? { ...name, digest } : name)
}
