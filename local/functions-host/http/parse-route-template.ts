import { type Constraint, makeConstraint } from "./route-constraints.ts"

export type RouteParameter = {
  name: string
  isOptional: boolean
  isCatchAll: boolean
  defaultValue: string | undefined
  constraints: Constraint[]
}

/** A path segment: text and parameters in a row. Mostly one of either; `{name}.{extension}` has three. */
export type RouteSegment = { parts: (string | RouteParameter)[]; pattern: RegExp | undefined }

/**
 * Parses a route such as `users/{id:int}/{*rest}`. In text and in patterns `{{` and `}}` stand for one brace each.
 * Errors: one that says what is wrong, as the host refuses such a function at load.
 */
export function parseRouteTemplate(template: string): RouteSegment[] {
  if (/^[/~]/.test(template)) throw new Error(`route "${template}" must not start with "/" or "~"`)
  const segments = splitOutside(template, "/")
    .filter((text, index, all) => text !== "" || (index < all.length - 1 && all.length > 1))
    .map((text) => parseSegment(text, template))
  const parameters = segments.flatMap(({ parts }) => parts.filter((part) => typeof part !== "string"))
  const names = parameters.map(({ name }) => name.toLowerCase())
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw new Error(`route "${template}" has the parameter "${twice}" twice`)
  for (const [index, { parts }] of segments.entries()) {
    const hasRest = parts.some((part) => typeof part !== "string" && part.isCatchAll)
    if (hasRest && (index < segments.length - 1 || parts.length > 1)) {
      throw new Error(`route "${template}": a catch-all parameter must be the last segment`)
    }
  }
  return segments
}

function parseSegment(text: string, template: string): RouteSegment {
  if (text === "") throw new Error(`route "${template}" has an empty segment`)
  const parts: RouteSegment["parts"] = []
  let literal = ""
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? ""
    if ((character === "{" || character === "}") && text[at + 1] === character) {
      literal += character
      at += 1
    } else if (character === "{") {
      const end = closingBrace(text, at)
      if (end < 0) throw new Error(`route "${template}" has an open brace`)
      if (literal !== "") parts.push(literal)
      literal = ""
      parts.push(
        parseParameter(
          text
            .slice(at + 1, end)
            .replaceAll("{{", "{")
            .replaceAll("}}", "}"),
          template,
        ),
      )
      at = end
    } else if (character === "}") {
      throw new Error(`route "${template}" has a brace that nothing opens`)
    } else {
      literal += character
    }
  }
  if (literal !== "") parts.push(literal)
  return { parts, pattern: parts.length > 1 ? segmentPattern(parts) : undefined }
}

function parseParameter(text: string, template: string): RouteParameter {
  const match =
    /^(?<stars>\*{0,2})(?<name>[A-Za-z_][\w-]*)(?<constraints>(?::(?:\w+(?:\(.*?\)(?=[:=?]|$))?))*)(?:=(?<value>.*?))?(?<mark>\?)?$/s.exec(
      text,
    )
  const groups = match?.groups
  if (groups?.name === undefined) throw new Error(`route "${template}" has a wrong parameter "{${text}}"`)
  return {
    name: groups.name,
    isCatchAll: groups.stars !== "",
    isOptional: groups.mark === "?",
    defaultValue: groups.value,
    constraints: splitOutside(groups.constraints ?? "", ":")
      .slice(1)
      .map(makeConstraint),
  }
}

/** Index of the brace that closes the one at `from`; a doubled brace is text. */
function closingBrace(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at += 1) {
    const character = text[at]
    if ((character === "{" || character === "}") && text[at + 1] === character) at += 1
    else if (character === "}") return at
  }
  return -1
}

/** Splits where the separator stands outside of braces and parentheses. */
function splitOutside(text: string, separator: string): string[] {
  const pieces = [""]
  let depth = 0
  for (const character of text) {
    if (character === "{" || character === "(") depth += 1
    if (character === "}" || character === ")") depth -= 1
    if (character === separator && depth === 0) pieces.push("")
    else pieces[pieces.length - 1] += character
  }
  return pieces
}

/** Parameters of a mixed segment take as little as they can but the last one, which takes the rest. */
function segmentPattern(parts: RouteSegment["parts"]): RegExp {
  const last = parts.findLastIndex((part) => typeof part !== "string")
  const source = parts.map((part, index) => {
    if (typeof part === "string") return part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
    return index === last ? "(.+)" : "(.+?)"
  })
  return new RegExp(`^${source.join("")}$`, "i")
}
