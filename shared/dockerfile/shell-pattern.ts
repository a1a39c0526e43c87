/**
 * `${V#p}` and `${V%p}`: cuts the shortest match of a shell pattern off one end, the longest when the operator is doubled
 * (`pattern` then begins with it).
 */
export function trimPattern(value: string, pattern: string, operator: "#" | "%"): string {
  const isGreedy = pattern.startsWith(operator)
  const matches = matcherOf(isGreedy ? pattern.slice(1) : pattern)
  const lengths = Array.from({ length: value.length + 1 }, (_, length) => (isGreedy ? value.length - length : length))
  for (const length of lengths) {
    const cut = value.length - length
    if (operator === "#" && matches(value.slice(0, length))) return value.slice(length)
    if (operator === "%" && matches(value.slice(cut))) return value.slice(0, cut)
  }
  return value
}

/** `${V/p/x}` and, for every match, `${V//p/x}`. A match is as long as possible. */
export function replacePattern(value: string, pattern: string, replacement: string, isAll: boolean): string {
  if (pattern === "") return value
  const matches = matcherOf(pattern)
  let result = ""
  let at = 0
  while (at < value.length) {
    let end = value.length
    while (end > at && !matches(value.slice(at, end))) end--
    if (end === at) result += value.charAt(at++)
    else {
      result += replacement
      at = end
      if (!isAll) break
    }
  }
  return result + value.slice(at)
}

/** Whole-text matcher of a pattern of `*`, `?` and escapes. Linear in the text for each star, so no input makes it explode. */
function matcherOf(pattern: string): (text: string) => boolean {
  const parts: { kind: "any" | "one" | "text"; text: string }[] = []
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern.charAt(at)
    if (character === "*") parts.push({ kind: "any", text: "" })
    else if (character === "?") parts.push({ kind: "one", text: "" })
    else parts.push({ kind: "text", text: character === "\\" ? pattern.charAt(++at) : character })
  }
  return (text) => {
    let part = 0
    let at = 0
    let star = -1
    let starAt = 0
    while (at < text.length) {
      const current = parts[part]
      if (current?.kind === "any") {
        star = part++
        starAt = at
      } else if (current?.kind === "one" || (current?.kind === "text" && current.text === text.charAt(at))) {
        part++
        at++
      } else if (star >= 0) {
        part = star + 1
        at = ++starAt
      } else return false
    }
    return parts.slice(part).every((rest) => rest.kind === "any")
  }
}
