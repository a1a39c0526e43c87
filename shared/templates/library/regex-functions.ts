import { RE2JS, RE2JSException } from "re2js"
import { canBackquote, quoteText } from "../format/quote.ts"
import { FunctionMistake } from "../template-mistake.ts"
import { type CallContext, defineWith, type FunctionTable } from "./define-function.ts"
import { expandReplacement } from "./expand-replacement.ts"

/** Start, end, and the texts of the groups; group 0 is the whole. */
type Match = { start: number; end: number; groups: (string | undefined)[]; names: Record<string, number> }

const matchCost = 16

/** sprig 2.22's regular expressions: RE2, so their time is linear in the text. */
export const regexFunctions: FunctionTable = {
  regexFind: defineWith("func(string, string) string", (context, regex, text) => {
    const [match] = matchesIn(context, regex, text, 1)
    return match === undefined ? "" : text.slice(match.start, match.end)
  }),
  regexFindAll: defineWith("func(string, string, int) []string", (context, regex, text, count) => {
    const found = matchesIn(context, regex, text, count < 0n ? Number.POSITIVE_INFINITY : Number(count))
    return found.length === 0 ? undefined : found.map(({ start, end }) => text.slice(start, end))
  }),
  // An expression that is none matches nothing here; in the others it is a mistake.
  regexMatch: defineWith("func(string, string) bool", (context, regex, text) => {
    try {
      return matchesIn(context, regex, text, 1).length > 0
    } catch (error) {
      if (error instanceof FunctionMistake) return false
      throw error
    }
  }),
  regexReplaceAll: defineWith("func(string, string, string) string", (context, regex, text, replacement) =>
    replaceAll(context, regex, text, ({ groups, names }) => expandReplacement(replacement, groups, names)),
  ),
  regexReplaceAllLiteral: defineWith("func(string, string, string) string", (context, regex, text, replacement) =>
    replaceAll(context, regex, text, () => replacement),
  ),
  regexSplit: defineWith("func(string, string, int) []string", (context, regex, text, count) => {
    if (count === 0n) return undefined
    if (regex !== "" && text === "") return [""]
    const found = matchesIn(context, regex, text, count < 0n ? Number.POSITIVE_INFINITY : Number(count))
    const parts: string[] = []
    let start = 0
    let end = 0
    for (const match of found) {
      if (count > 0n && parts.length === Number(count) - 1) break
      end = match.start
      if (match.end !== 0) parts.push(text.slice(start, end))
      start = match.end
    }
    if (end !== text.length) parts.push(text.slice(start))
    return parts
  }),
}

function replaceAll(context: CallContext, regex: string, text: string, replace: (match: Match) => string): string {
  let result = ""
  let last = 0
  for (const match of matchesIn(context, regex, text, Number.POSITIVE_INFINITY)) {
    result += text.slice(last, match.start) + replace(match)
    last = match.end
    context.budget.check(result.length)
  }
  return result + text.slice(last)
}

/** Go's `allMatches`: an empty match next to the one before does not count. */
function matchesIn({ budget }: CallContext, regex: string, text: string, limit: number): Match[] {
  budget.reserve(regex.length)
  const compiled = compile(regex)
  const matcher = compiled.matcher(text)
  // Matching takes the length of the text times that of the program.
  budget.spend((text.length * Math.max(matcher.programSize(), 8)) / 64)
  const names = compiled.namedGroups()
  const found: Match[] = []
  let previousEnd = -1
  while (found.length < limit && matcher.find()) {
    budget.spend(matchCost)
    const start = matcher.start()
    const end = matcher.end()
    if (start !== end || start !== previousEnd) {
      const groups = Array.from({ length: matcher.groupCount() + 1 }, (_, index) => matcher.group(index) ?? undefined)
      found.push({ start, end, groups, names })
    }
    previousEnd = end
  }
  return found
}

function compile(regex: string): RE2JS {
  try {
    return RE2JS.compile(regex)
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error
    const shown = canBackquote(regex) ? `\`${regex}\`` : quoteText(regex)
    const message = error.message.endsWith("`") ? error.message : `${error.message}: \`\``
    throw new FunctionMistake(`regexp: Compile(${shown}): ${message}`)
  }
}
