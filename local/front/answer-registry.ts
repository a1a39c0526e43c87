import type { IncomingMessage, ServerResponse } from "node:http"
import { answerAcr } from "./answer-acr.ts"
import { answerRegistryError } from "./answer-registry-error.ts"
import { chooseRoute } from "./choose-route.ts"
import { asForwarded, clientOf } from "./forward-headers.ts"
import { forwardRequest, type Upstream } from "./forward-request.ts"
import { logLine } from "./log-line.ts"
import { answerUnavailable } from "./unavailable-answer.ts"

/**
 * The login server: the registry's own API (`/v2/`) passed through, and the little of ACR's that az asks for (`/acr/v1/`).
 * Both ask for a token themselves. It also speaks plain HTTP with this machine, as `docker buildx imagetools` does with any
 * registry on 127.0.0.1.
 */
export async function answerRegistry(
  upstream: Upstream,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const route = chooseRoute(request.url ?? "", { isSignInPath: () => false })
  if (route.to === "refuse") {
    response.setHeader("connection", "close")
    return answerRegistryError(response, 400, "UNSUPPORTED", route.reason)
  }
  if (route.path.startsWith("/acr/v1/")) return answerAcr(upstream, request, response, route)
  if (!/^\/v2(?:\/|$)/.test(route.path)) return answerRegistryError(response, 404, "UNSUPPORTED", "No such page here.")
  const headers = asForwarded(request.rawHeaders, clientOf(request))
  const isAnswered = await forwardRequest(upstream, request, response, headers)
  if (isAnswered) return
  logLine("warn", { op: "front", message: "upstream away", to: "registry", method: request.method, path: route.path })
  answerUnavailable(response, "registry")
}
