import { imageReference } from "../registry/image-reference.ts"

/**
 * The digest of an image among the `RepoDigests` that the engine tells (`name@digest`): that of the same registry and repository, all
 * spellings of Docker Hub being one (task-file 7.3). Undefined when there is none: the image was built here and not pushed.
 */
export function findRepositoryDigest(
  repositoryDigests: readonly string[],
  image: { registry: string; repository: string },
): string | undefined {
  const wanted = imageReference(`${image.registry}/${image.repository}`)
  if (wanted === undefined) return undefined
  for (const text of repositoryDigests) {
    const at = text.lastIndexOf("@")
    const found = at < 0 ? undefined : imageReference(text.slice(0, at))
    if (found?.registry === wanted.registry && found.repository === wanted.repository) return text.slice(at + 1)
  }
  return undefined
}
