import { ContextError } from "./context-error.ts"
import type { FetchDeps } from "./fetch-deps.ts"
import { guardedGet } from "./guarded-request.ts"

const SERVICE = "/info/refs?service=git-upload-pack"

/**
 * Where a repository has moved, when its server redirects: asked without any secret, each step checked like every address. git itself
 * follows none. Undefined when it has not moved. Errors: ContextError.
 */
export async function movedTo(
  url: string,
  deps: Pick<FetchDeps, "rules" | "ca" | "signal">,
): Promise<string | undefined> {
  const base = url.replace(/\/+$/, "")
  const { answer, url: last } = await guardedGet(new URL(`${base}${SERVICE}`), deps)
  answer.destroy()
  if (last.href === new URL(`${base}${SERVICE}`).href) return undefined
  if (!last.href.endsWith(SERVICE)) {
    throw new ContextError(
      `The repository at ${new URL(url).host} redirects to what is no repository, at ${last.host}.`,
    )
  }
  return last.href.slice(0, -SERVICE.length)
}
