import type { RouteParameter, RouteSegment } from "./parse-route-template.ts"

/** The parameters of `path` under a parsed template, undefined when it does not match. Literals match in any case, as in Functions. */
export function matchRoute(
  template: readonly RouteSegment[],
  path: readonly string[],
): Record<string, string> | undefined {
  const params: Record<string, string> = {}
  let rest = false
  for (const [index, segment] of template.entries()) {
    const text = path[index]
    const [part] = segment.parts
    if (segment.pattern !== undefined) {
      if (text === undefined || !matchMixed(segment, segment.pattern, text, params)) return undefined
    } else if (typeof part === "string") {
      if (text === undefined || (text !== part && text.toLowerCase() !== part.toLowerCase())) return undefined
    } else if (part !== undefined) {
      rest = part.isCatchAll
      const value = part.isCatchAll ? path.slice(index).join("/") : text
      if (!takeValue(part, value, params)) return undefined
    }
  }
  return rest || path.length <= template.length ? params : undefined
}

function matchMixed(segment: RouteSegment, pattern: RegExp, text: string, params: Record<string, string>): boolean {
  const match = pattern.exec(text)
  const parameters = segment.parts.filter((part) => typeof part !== "string")
  return match !== null && parameters.every((parameter, index) => takeValue(parameter, match[index + 1], params))
}

function takeValue(parameter: RouteParameter, value: string | undefined, params: Record<string, string>): boolean {
  if (value === undefined || value === "") {
    if (parameter.defaultValue !== undefined) params[parameter.name] = parameter.defaultValue
    return parameter.isOptional || parameter.isCatchAll || parameter.defaultValue !== undefined
  }
  if (!parameter.constraints.every((holds) => holds(value))) return false
  params[parameter.name] = value
  return true
}
