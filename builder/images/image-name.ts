import type { ImageDescriptor } from "../../shared/registry/image-descriptor.ts"
import { imageReference } from "../../shared/registry/image-reference.ts"
import { renderTemplate } from "../../shared/templates/render-template.ts"
import type { RunVariables } from "../../shared/templates/run-variables.ts"
import { templateRoots } from "../../shared/templates/template-roots.ts"
import { GoMap } from "../../shared/templates/values/go-value.ts"

/** An image to build or push: its full name with registry and tag, and the same taken apart. */
export type TargetImage = { fullName: string; registry: string; repository: string; tag: string }
export type ImageNameResult = { ok: true; image: TargetImage } | { ok: false; problem: string }

/**
 * The image that a user's name means in a run: rendered, then prefixed with the run's registry when it names no registry of its own
 * (`hello:v1` → `<login server>/hello:v1`; task-file 3.2), `:latest` when it has no tag. A first part with a dot or a port, or
 * `localhost`, is a registry, as docker has it. `problem` is one line for the user.
 */
export function targetImageOf(name: string, run: RunVariables): ImageNameResult {
  const rendered = renderName(name.trim(), run)
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

/** All that a template can do, with the run's variables and nothing else: a request for one image has no values. */
function renderName(name: string, run: RunVariables): { ok: true; text: string } | { ok: false; problem: string } {
  if (!name.includes("{{")) return { ok: true, text: name }
  const values = new GoMap("templating.Values", new Map())
  const roots = templateRoots({ run, values, secrets: {} })
  const result = renderTemplate(name, roots, { now: () => new Date(), environment: run })
  if (!result.ok) return { ok: false, problem: result.problem.message }
  const { text } = result.rendered
  return text === "" ? { ok: false, problem: "it renders to an empty text." } : { ok: true, text }
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
