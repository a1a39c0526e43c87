import type { ImageDescriptor } from "./image-descriptor.ts"

/** An image name with nothing left to guess: `tag` is `latest` when neither a tag nor a digest was given. */
export type ImageReference = ImageDescriptor

/** The registry of names that have no host. Its API lives elsewhere; images, logins and rows use this name. */
export const DOCKER_HUB = "docker.io"

const HUB_ALIASES = new Set([DOCKER_HUB, "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"])
const HOST =
  /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\[[a-fA-F0-9:]+\])(?::\d+)?$/
const REPOSITORY = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/
const TAG = /^\w[\w.-]{0,127}$/
const DIGEST = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/

/**
 * Parses an image name the way docker does (distribution/reference: grammar, `docker.io` and `library/` defaults, a first
 * part is a host when it holds a dot or a colon, is `localhost`, or has capitals). Undefined when it is no image name.
 */
export function imageReference(text: string): ImageReference | undefined {
  const at = text.indexOf("@")
  const digest = at < 0 ? undefined : text.slice(at + 1)
  const name = at < 0 ? text : text.slice(0, at)
  const colon = name.lastIndexOf(":")
  const hasTag = colon > name.lastIndexOf("/")
  const tag = hasTag ? name.slice(colon + 1) : undefined
  const { registry, repository } = splitHost(hasTag ? name.slice(0, colon) : name)

  if (!HOST.test(registry) || !REPOSITORY.test(repository) || registry.length + repository.length > 254)
    return undefined
  if (tag !== undefined && !TAG.test(tag)) return undefined
  if (digest !== undefined && !DIGEST.test(digest)) return undefined
  if (tag === undefined && digest === undefined) return { registry, repository, tag: "latest" }
  return { registry, repository, ...(tag !== undefined && { tag }), ...(digest !== undefined && { digest }) }
}

/** The name in full: `registry/repository[:tag][@digest]`. Two spellings of one image give the same text. */
export function imageName(image: ImageDescriptor): string {
  const tag = image.tag === undefined ? "" : `:${image.tag}`
  const digest = image.digest === undefined ? "" : `@${image.digest}`
  return `${image.registry}/${image.repository}${tag}${digest}`
}

function splitHost(name: string): { registry: string; repository: string } {
  const slash = name.indexOf("/")
  const first = name.slice(0, Math.max(slash, 0))
  const isHost = /[.:[]/.test(first) || first === "localhost" || first !== first.toLowerCase()
  const registry = slash > 0 && isHost ? first : DOCKER_HUB
  const repository = slash > 0 && isHost ? name.slice(slash + 1) : name
  if (!HUB_ALIASES.has(registry)) return { registry, repository }
  return { registry: DOCKER_HUB, repository: repository.includes("/") ? repository : `library/${repository}` }
}
