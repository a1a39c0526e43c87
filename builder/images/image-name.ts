import type { ImageDescriptor } from "../../shared/registry/image-descriptor.ts"
import { renderRunTemplate } from "../../shared/templates/render-run-template.ts"
import type { RunVariables } from "../../shared/templates/run-variables.ts"

/** An image to build or push: its full name with registry and tag, and the same taken apart. */
export type TargetImage = { fullName: string; registry: string; repository: string; tag: string }
export type ImageNameResult = { ok: true; image: TargetImage } | { ok: false; problem: string }

// The grammar of distribution/reference: https://github.com/distribution/reference/blob/main/reference.go
const REPOSITORY = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/
const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/
const HOST =
  /^(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*|\[[0-9a-fA-F:]+\])(?::[0-9]+)?$/
const MAX_NAME_LENGTH = 255

/**
 * The image that a user's name means in a run: rendered, then prefixed with the run's registry when it names no registry of its own
 * (`hello:v1` → `<login server>/hello:v1`; task-file 3.2), `:latest` when it has no tag. A first part with a dot or a port, or
 * `localhost`, is a registry, as docker has it. `problem` is one line for the user.
 */
export function targetImageOf(name: string, run: RunVariables): ImageNameResult {
  const rendered = renderRunTemplate(name.trim(), run)
  if (!rendered.ok) return { ok: false, problem: `The image name "${name}" cannot be used: ${rendered.problem}` }
  const refuse = (why: string): ImageNameResult => ({
    ok: false,
    problem: `The image name "${rendered.text}" cannot be used: ${why}`,
  })

  if (rendered.text.includes("@")) return refuse("a digest cannot be built or pushed, only a tag.")
  const { registry, path } = splitRegistry(rendered.text, run.Registry)
  const colon = path.indexOf(":")
  const repository = colon < 0 ? path : path.slice(0, colon)
  const tag = colon < 0 ? "latest" : path.slice(colon + 1)
  if (!HOST.test(registry)) return refuse(`"${registry}" is no registry's host.`)
  if (repository !== repository.toLowerCase()) return refuse("repository name must be lowercase.")
  if (!REPOSITORY.test(repository)) return refuse("it is no valid repository name.")
  if (`${registry}/${repository}`.length > MAX_NAME_LENGTH)
    return refuse(`it has more than ${MAX_NAME_LENGTH} characters.`)
  if (!TAG.test(tag)) return refuse(`"${tag}" is no valid tag.`)
  return { ok: true, image: { fullName: `${registry}/${repository}:${tag}`, registry, repository, tag } }
}

/** The image as a run reports it. */
export function descriptorOf({ registry, repository, tag }: TargetImage, digest: string | undefined): ImageDescriptor {
  return { registry, repository, tag, ...(digest === undefined ? {} : { digest }) }
}

function splitRegistry(name: string, loginServer: string): { registry: string; path: string } {
  const slash = name.indexOf("/")
  const first = slash < 0 ? "" : name.slice(0, slash)
  const path = slash < 0 ? name : name.slice(slash + 1)
  // The run's own registry keeps its spelling, whatever case the user typed it in.
  if (first.toLowerCase() === loginServer.toLowerCase()) return { registry: loginServer, path }
  const isHost = first.includes(".") || first.includes(":") || first === "localhost"
  return isHost ? { registry: first, path } : { registry: loginServer, path: name }
}
