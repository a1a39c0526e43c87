import { AppError } from "../errors.ts"

/** A comparison or a `contains`, or two filters joined. Field names are lower case. */
export type Filter =
  | { type: "compare"; field: string; operator: "eq" | "ne" | "gt" | "ge" | "lt" | "le"; value: FilterValue }
  | { type: "contains"; field: string; text: string }
  | { type: "and" | "or"; left: Filter; right: Filter }
export type FilterValue = string | number | boolean | null

type Token = { kind: "word" | "string" | "number" | "(" | ")" | ","; text: string; at: number }

const TOKEN = /\s*(?:'((?:[^']|'')*)'|(-?\d+(?:\.\d+)?)(?![\w:.-])|([A-Za-z_][\w./]*|\d[\w:.+-]*)|([(),]))/y
const MAX_LENGTH = 4_096
const MAX_DEPTH = 32

/**
 * Parses the OData subset that ARM allows on run lists (`arm-contract` 4): `eq ne gt ge lt le`, `and`, `or`, parentheses,
 * `contains(field, 'text')`. Names and operators in any case. Errors: `InvalidRequestParameter` on `$filter`, with the place.
 */
export function parseFilter(text: string, fields: readonly string[]): Filter {
  if (text.length > MAX_LENGTH) throw wrong(`it is longer than ${MAX_LENGTH} characters`)
  const tokens = tokenize(text)
  let next = 0
  const peek = () => tokens[next]
  const isWord = (word: string) => peek()?.kind === "word" && peek()?.text.toLowerCase() === word
  const take = (kind: Token["kind"], what: string): Token => {
    const token = tokens[next++]
    if (token?.kind !== kind) throw wrong(`${what} expected at character ${(token?.at ?? text.length) + 1}`)
    return token
  }
  const field = (): string => {
    const token = take("word", "a field name")
    const name = token.text.toLowerCase()
    if (fields.some((known) => known.toLowerCase() === name)) return name
    throw wrong(`'${token.text}' cannot be filtered on; use one of ${fields.join(", ")}`)
  }

  function disjunction(depth: number): Filter {
    let left = conjunction(depth)
    while (isWord("or")) {
      next++
      left = { type: "or", left, right: conjunction(depth) }
    }
    return left
  }
  function conjunction(depth: number): Filter {
    let left = term(depth)
    while (isWord("and")) {
      next++
      left = { type: "and", left, right: term(depth) }
    }
    return left
  }
  function term(depth: number): Filter {
    if (depth > MAX_DEPTH) throw wrong("it is nested too deep")
    if (peek()?.kind === "(") {
      next++
      const inner = disjunction(depth + 1)
      take(")", "')'")
      return inner
    }
    if (isWord("contains") && tokens[next + 1]?.kind === "(") {
      next += 2
      const name = field()
      take(",", "','")
      const value = take("string", "a text in quotes").text
      take(")", "')'")
      return { type: "contains", field: name, text: value }
    }
    return comparison()
  }
  function comparison(): Filter {
    const name = field()
    const word = take("word", "an operator")
    const operator = word.text.toLowerCase()
    if (!isOperator(operator)) throw wrong(`'${word.text}' is no operator; use eq, ne, gt, ge, lt or le`)
    const value = tokens[next++]
    if (value === undefined || !["string", "number", "word"].includes(value.kind)) {
      throw wrong(`a value expected at character ${(value?.at ?? text.length) + 1}`)
    }
    return { type: "compare", field: name, operator, value: literal(value) }
  }

  const filter = disjunction(0)
  const rest = peek()
  if (rest !== undefined) throw wrong(`'and' or 'or' expected at character ${rest.at + 1}`)
  return filter
}

function isOperator(text: string): text is "eq" | "ne" | "gt" | "ge" | "lt" | "le" {
  return ["eq", "ne", "gt", "ge", "lt", "le"].includes(text)
}

function literal({ kind, text }: Token): FilterValue {
  if (kind === "number") return Number(text)
  if (kind === "string") return text
  const word = text.toLowerCase()
  if (word === "true" || word === "false") return word === "true"
  return word === "null" ? null : text
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = []
  const trimmed = text.trimEnd()
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < trimmed.length) {
    const at = TOKEN.lastIndex
    const match = TOKEN.exec(trimmed)
    if (match === null) throw wrong(`it cannot be read from character ${at + 1} on`)
    const [, string, number, word, sign] = match
    if (string !== undefined) tokens.push({ kind: "string", text: string.replaceAll("''", "'"), at })
    else if (number !== undefined) tokens.push({ kind: "number", text: number, at })
    else if (word !== undefined) tokens.push({ kind: "word", text: word, at })
    else tokens.push({ kind: sign as "(" | ")" | ",", text: sign ?? "", at })
  }
  return tokens
}

function wrong(what: string): AppError {
  return new AppError("InvalidRequestParameter", `The query parameter $filter is not usable: ${what}.`, {
    target: "$filter",
  })
}
