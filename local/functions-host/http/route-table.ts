import type { AppFunction } from "../app/core-types.ts"
import { matchRoute } from "./match-route.ts"
import { parseRouteTemplate, type RouteSegment } from "./parse-route-template.ts"

export type HttpRoute = { fn: AppFunction; methods: readonly string[]; template: string }
export type RouteMatch =
  | { kind: "found"; fn: AppFunction; params: Record<string, string> }
  | { kind: "methodNotAllowed"; allow: string[] }
  | { kind: "notFound" }
export type RouteTable = ReturnType<typeof createRouteTable>

/**
 * Finds the function of a request: the most precise template whose path and method match, literals before constrained
 * parameters before parameters before catch-alls, segment by segment (ASP.NET's inbound precedence).
 */
export function createRouteTable(routes: readonly HttpRoute[]) {
  const table = routes
    .map((route) => ({ ...route, segments: parseRouteTemplate(route.template) }))
    .map((route) => ({ ...route, precedence: route.segments.map(digitOf).join("") }))
    .sort((one, other) => (one.precedence < other.precedence ? -1 : one.precedence > other.precedence ? 1 : 0))

  return {
    /** `path` as it stands in the request line, without the query. */
    find(method: string, path: string): RouteMatch {
      const segments = splitPath(path)
      const allow = new Set<string>()
      for (const route of table) {
        const params = matchRoute(route.segments, segments)
        if (params === undefined) continue
        if (route.methods.includes(method)) return { kind: "found", fn: route.fn, params }
        for (const allowed of route.methods) allow.add(allowed)
      }
      return allow.size === 0 ? { kind: "notFound" } : { kind: "methodNotAllowed", allow: [...allow] }
    },
  }
}

function digitOf({ parts }: RouteSegment): number {
  const [part] = parts
  if (parts.length > 1) return 2
  if (part === undefined || typeof part === "string") return 1
  if (part.isCatchAll) return part.constraints.length > 0 ? 4 : 5
  return part.constraints.length > 0 ? 2 : 3
}

/** Segments decoded one by one, so that an encoded slash (`%2F`) separates nothing; a slash at the end means nothing. */
function splitPath(path: string): string[] {
  const segments = path.split("/").slice(1)
  if (segments.at(-1) === "") segments.pop()
  return path.includes("%") ? segments.map(decode) : segments
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment.replaceAll(/%2f/gi, "%252F"))
  } catch {
    return segment
  }
}
