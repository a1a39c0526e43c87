import { renderTemplate } from "../../shared/templates/render-template.ts"
import { templateRoots } from "../../shared/templates/template-roots.ts"
import { GoMap } from "../../shared/templates/values/go-value.ts"
import type { RenderName } from "./image-name.ts"

/** Renders an image name with the run's variables and nothing else: a request for one image has no values. `problem` is one line. */
export const renderName: RenderName = (name, run) => {
  const values = new GoMap("templating.Values", new Map())
  const roots = templateRoots({ run, values, secrets: {} })
  const result = renderTemplate(name, roots, { now: () => new Date(), environment: run })
  if (!result.ok) return { ok: false, problem: result.problem.message }
  const { text } = result.rendered
  return text === "" && name !== "" ? { ok: false, problem: "it renders to an empty text." } : { ok: true, text }
}
