import { OperatorError } from "../operator-error.ts"

/** The service's answer is final: the same call would get the same one again. */
export class ServiceRefusal extends OperatorError {
  override readonly name = "ServiceRefusal"
  readonly status: number
  /** `error.code` of the answer. */
  readonly code: string

  constructor(path: string, status: number, code: string) {
    super(`The service answered ${status}${code === "" ? "" : ` ${code}`} to ${path}.`)
    this.status = status
    this.code = code
  }
}

export type Post = (
  path: string,
  body: unknown,
  options?: { signal?: AbortSignal; timeoutMs?: number },
) => Promise<unknown>

/**
 * Calls one of the run's endpoints (docs/architecture, "Builder protocol"). Errors: ServiceRefusal, or anything else when the
 * service is away and the same call may succeed later.
 */
export function createPost(runUrl: string, runToken: string): Post {
  return async (path, body, { signal, timeoutMs = 15_000 } = {}) => {
    const timeout = AbortSignal.timeout(timeoutMs)
    const response = await fetch(`${runUrl}/${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${runToken}`, "content-type": "application/json" },
      body: JSON.stringify(body),
      // The token belongs to this address; a redirect would carry it elsewhere.
      redirect: "error",
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    })
    const text = await response.text()
    if (response.ok) return text === "" ? undefined : (JSON.parse(text) as unknown)
    const code = codeOf(text)
    // `Conflict`: too many callers changed the run at once (shared/runs/change-run).
    const isTransient = response.status >= 500 || [408, 429].includes(response.status) || code === "Conflict"
    if (isTransient) throw new OperatorError(`The service answered ${response.status} to ${path}.`)
    throw new ServiceRefusal(path, response.status, code)
  }
}

/** True when the same call may succeed later. */
export function isServiceAway(error: unknown): boolean {
  return !(error instanceof ServiceRefusal)
}

function codeOf(text: string): string {
  try {
    const answer = JSON.parse(text) as { error?: { code?: unknown } } | null
    return typeof answer?.error?.code === "string" ? answer.error.code : ""
  } catch {
    return ""
  }
}
