import { formatValue } from "../format/format-value.ts"
import { quoteText } from "../format/quote.ts"
import { compareTexts } from "../values/go-text.ts"
import { GoList, type GoValue } from "../values/go-value.ts"
import { type CallContext, defineWith, type FunctionTable } from "./define-function.ts"
import { textOfValue, textsOfValue } from "./text-of-value.ts"

/** sprig 2.22's functions between texts and lists. */
export const splitFunctions: FunctionTable = {
  cat: defineWith("func(...interface {}) string", (context, ...values) =>
    joinTexts(
      context,
      withoutNil(values).map((value) => formatValue(context.budget, value)),
      " ",
    ),
  ),
  join: defineWith("func(string, interface {}) string", (context, separator, value) =>
    joinTexts(context, textsOfValue(context.budget, value), separator),
  ),
  quote: defineWith("func(...interface {}) string", (context, ...values) =>
    joinTexts(
      context,
      withoutNil(values).map((value) => quoteText(textOfValue(context.budget, value))),
      " ",
    ),
  ),
  sortAlpha: defineWith("func(interface {}) []string", ({ budget }, value) =>
    value instanceof GoList ? textsOfValue(budget, value).sort(compareTexts) : [textOfValue(budget, value)],
  ),
  split: defineWith("func(string, string) map[string]string", (context, separator, text) =>
    numbered(splitText(context, text, separator)),
  ),
  splitList: defineWith("func(string, string) []string", (context, separator, text) =>
    splitText(context, text, separator),
  ),
  splitn: defineWith("func(string, int, string) map[string]string", (context, separator, count, text) =>
    numbered(splitFirst(splitText(context, text, separator), count, separator)),
  ),
  squote: defineWith("func(...interface {}) string", (context, ...values) =>
    joinTexts(
      context,
      withoutNil(values).map((value) => `'${formatValue(context.budget, value)}'`),
      " ",
    ),
  ),
  toString: defineWith("func(interface {}) string", ({ budget }, value) => textOfValue(budget, value)),
  toStrings: defineWith("func(interface {}) []string", ({ budget }, value) => textsOfValue(budget, value)),
}

function withoutNil(values: readonly GoValue[]): GoValue[] {
  return values.filter((value) => value !== null)
}

function joinTexts({ budget }: CallContext, texts: readonly string[], separator: string): string {
  const length = texts.reduce((sum, text) => sum + text.length, separator.length * Math.max(texts.length - 1, 0))
  budget.reserve(length)
  return texts.join(separator)
}

/** Go's `strings.Split`: an empty separator gives characters. */
function splitText({ budget }: CallContext, text: string, separator: string): string[] {
  budget.reserve(text.length * (separator === "" ? 16 : 1))
  return separator === "" ? [...text] : text.split(separator)
}

/** Go's `strings.SplitN` from the whole split. */
function splitFirst(parts: string[], count: bigint, separator: string): string[] {
  if (count === 0n) return []
  if (count < 0n || BigInt(parts.length) <= count) return parts
  const first = Number(count) - 1
  return [...parts.slice(0, first), parts.slice(first).join(separator)]
}

function numbered(parts: string[]): ReadonlyMap<string, string> {
  return new Map(parts.map((part, index) => [`_${index}`, part]))
}
