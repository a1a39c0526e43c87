import type { ImageDescriptor } from "../../shared/registry/image-descriptor.ts"
import { imageReference } from "../../shared/registry/image-reference.ts"
import type { RunVariables } from "../../shared/templates/run-variables.ts"

/** An image to build or push: its full name with registry and tag, and the same taken apart. */
export type TargetImage = { fullName: string; registry: string; repository: string; tag: string }
/** See render-name.ts, which brings the template engine along. */
export type RenderName = (
  name: string,
  run: RunVariables,
) => { ok: true; text: string } | { ok: false; problem: string }
export type ImageNameResult = { ok: true; image: TargetImage } | { ok: false; problem: string }

/**
 * The image that a user's name means in a run: rendered, then prefixed with the run's registry when it names no registry of its own
 * (`hello:v1` → `<login server>/hello:v1`; task-file 3.2), `:latest` when it has no tag. A first part with a dot or a port, or
 * `localhost`, is a registry, as docker has it. `problem` is one line for the user.
 */
export function targetImageOf(name: string, run: RunVariables, render: RenderName): ImageNameResult {
  const rendered = render(name.trim(), run)
  if (!rendered.ok) return { ok: false, problem: `The image name "${name}" cannot be used: ${rendered.problem}` }
  const refuse = (why: string): ImageNameResult => ({
    ok: false,
    problem: `The image name "${rendered.text}" cannot be used: ${why}`,
  })

  if (rendered.text.includes("@")) return refuse("a digest cannot be built or pushed, only a tag.")
  const { registry, path } = splitRegistry(rendered.text, run.Registry)
  const repository = path.replace(/:[^/]*$/, "")
  if (repository !== repository.toLowerCase()) return refuse("repository name must be lowercase.")
  const image = imageReference(`${registry}/${path}`)
  if (image?.tag === undefined) return refuse("invalid reference format.")
  return {
    ok: true,
    image: { fullName: `${registry}/${repository}:${image.tag}`, registry, repository, tag: image.tag },
  }
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
  if (first !== "" && first.toLowerCase() === loginServer.toLowerCase()) return { registry: loginServer, path }
  const isHost = first.includes(".") || first.includes(":") || first === "localhost"
  return isHost ? { registry: first, path } : { registry: loginServer, path: name }
}
