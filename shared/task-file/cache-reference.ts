import { imageReference } from "../registry/image-reference.ts"

/** Task name of a run that has no task. */
const NO_TASK = "quickrun"

/**
 * Where the build cache of a step is (task-file 7.3): in the repository of its first tag that names a registry, else in that of its
 * first tag in the run's registry; tagged `cache_<task>_<step>`. Undefined without tags, and when a name does not allow it: then the
 * step builds without a cache.
 */
export function cacheReferenceOf({
  tags,
  registry,
  taskName = NO_TASK,
  stepId,
}: {
  tags: readonly string[]
  registry: string
  taskName?: string | undefined
  stepId: string
}): string | undefined {
  if (tags.some((tag) => imageReference(tag) === undefined)) return undefined
  const names = tags.map(splitName)
  const name = names.find(({ host }) => host !== "") ?? names[0]
  if (name === undefined) return undefined
  const reference = `${name.host || registry}/${name.path}:cache_${taskName}_${stepId}`
  return imageReference(reference) === undefined ? undefined : reference
}

/** A valid image name without tag and digest; `host` is empty where the name has none (the rule of `imageReference`). */
function splitName(tag: string): { host: string; path: string } {
  const plain = tag.replace(/@.*$/, "").replace(/:[^/:]*$/, "")
  const slash = plain.indexOf("/")
  const first = plain.slice(0, Math.max(slash, 0))
  const isHost = /[.:[]/.test(first) || first === "localhost" || first !== first.toLowerCase()
  return isHost ? { host: first, path: plain.slice(slash + 1) } : { host: "", path: plain }
}
