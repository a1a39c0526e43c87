import { FunctionMistake } from "../template-mistake.ts"
import { byteLength, bytesOf, sliceBytes } from "../values/go-text.ts"
import { camelCase, connectedCase } from "./convert-case.ts"
import { abbreviate, wrapText } from "./cut-text.ts"
import { type CallContext, define, defineWith, type FunctionTable } from "./define-function.ts"
import { isLower, isSpace, isUpper, lowerCase, titleCase, trimSpace, upperCase } from "./go-case.ts"

const trimAll = define("func(string, string) string", (characters, text) => trimCharacters(text, characters))

/** sprig 2.22's functions of one text. Positions count bytes, as Go's do. */
export const textFunctions: FunctionTable = {
  abbrev: define("func(int, string) string", (width, text) => (width < 4n ? text : abbreviate(text, 0, Number(width)))),
  abbrevboth: define("func(int, int, string) string", (left, right, text) =>
    right < 4n || (left > 0n && right < 7n) ? text : abbreviate(text, Number(left), Number(right)),
  ),
  camelcase: define("func(string) string", camelCase),
  contains: define("func(string, string) bool", (part, text) => text.includes(part)),
  hasPrefix: define("func(string, string) bool", (part, text) => text.startsWith(part)),
  hasSuffix: define("func(string, string) bool", (part, text) => text.endsWith(part)),
  hello: define("func() string", () => "Hello!"),
  indent: defineWith("func(int, string) string", (context, spaces, text) => indent(context, spaces, text)),
  initials: define("func(string) string", initials),
  kebabcase: define("func(string) string", (text) => connectedCase(text, "-")),
  lower: define("func(string) string", lowerCase),
  nindent: defineWith("func(int, string) string", (context, spaces, text) => `\n${indent(context, spaces, text)}`),
  nospace: define("func(string) string", withoutSpace),
  plural: define("func(string, string, int) string", (one, many, count) => (count === 1n ? one : many)),
  repeat: defineWith("func(int, string) string", (context, count, text) => repeat(context, text, count)),
  replace: defineWith("func(string, string, string) string", (context, from, to, text) => {
    const count = from === "" ? [...text].length + 1 : text.split(from).length - 1
    context.budget.reserve(text.length + count * Math.max(to.length - from.length, 0))
    if (from !== "") return text.replaceAll(from, () => to)
    return to + [...text].map((character) => character + to).join("")
  }),
  snakecase: define("func(string) string", (text) => connectedCase(text, "_")),
  substr: define("func(int, int, string) string", substring),
  swapcase: define("func(string) string", swapCase),
  title: define("func(string) string", (text) => changeFirsts(text, isTitleGap, titleCase)),
  trim: define("func(string) string", trimSpace),
  trimAll,
  trimall: trimAll,
  trimPrefix: define("func(string, string) string", (part, text) =>
    text.startsWith(part) ? text.slice(part.length) : text,
  ),
  trimSuffix: define("func(string, string) string", (part, text) =>
    part !== "" && text.endsWith(part) ? text.slice(0, -part.length) : text,
  ),
  trunc: define("func(int, string) string", (length, text) =>
    BigInt(byteLength(text)) <= length ? text : slice(text, 0n, length),
  ),
  untitle: define("func(string) string", (text) => changeFirsts(text, isSpace, lowerCase)),
  upper: define("func(string) string", upperCase),
  wrap: defineWith("func(int, string) string", (context, width, text) => wrapText(context, text, width, "\n", false)),
  wrapWith: defineWith("func(int, string, string) string", (context, width, separator, text) =>
    wrapText(context, text, width, separator === "" ? "\n" : separator, true),
  ),
}

/** Go's `strings.Repeat`, within the limits. */
function repeat({ budget }: CallContext, text: string, count: bigint): string {
  if (count < 0n) throw new FunctionMistake("strings: negative Repeat count")
  budget.reserve(text.length * Number(count))
  return text.repeat(text === "" ? 0 : Number(count))
}

function indent(context: CallContext, spaces: bigint, text: string): string {
  const pad = repeat(context, " ", spaces)
  context.budget.reserve(text.length + pad.length * text.split("\n").length)
  return pad + text.replaceAll("\n", `\n${pad}`)
}

function trimCharacters(text: string, characters: string): string {
  const cut = new Set(characters)
  const list = [...text]
  let start = 0
  let end = list.length
  while (start < end && cut.has(list[start] ?? "")) start++
  while (end > start && cut.has(list[end - 1] ?? "")) end--
  return list.slice(start, end).join("")
}

function substring(start: bigint, end: bigint, text: string): string {
  const length = BigInt(byteLength(text))
  if (start < 0n) return slice(text, 0n, end)
  return slice(text, start, end < 0n || end > length ? length : end)
}

/** Go's `text[start:end]` with the words of its panics. */
function slice(text: string, start: bigint, end: bigint): string {
  const length = BigInt(byteLength(text))
  const problem = "runtime error: slice bounds out of range"
  if (end < 0n) throw new FunctionMistake(`${problem} [:${end}]`)
  if (end > length) throw new FunctionMistake(`${problem} [:${end}] with length ${length}`)
  if (start > end) throw new FunctionMistake(`${problem} [${start}:${end}]`)
  return sliceBytes(text, Number(start), Number(end))
}

/** goutils reads bytes as characters, so what is beyond ASCII comes out as Latin-1 of its UTF-8. */
function withoutSpace(text: string): string {
  const characters = Array.from(bytesOf(text), (byte) => String.fromCharCode(byte))
  const kept = characters.filter((character) => !isSpace(character))
  return kept.length === characters.length ? text : kept.join("")
}

function initials(text: string): string {
  const characters = Array.from(bytesOf(text), (byte) => String.fromCharCode(byte))
  return characters.filter((character, index) => !isSpace(character) && isSpace(characters[index - 1] ?? " ")).join("")
}

/** Changes the first character after every gap; the beginning is one. */
function changeFirsts(
  text: string,
  isGap: (character: string) => boolean,
  change: (character: string) => string,
): string {
  let changed = ""
  let isFirst = true
  for (const character of text) {
    const gap = isGap(character)
    changed += isFirst && !gap ? change(character) : character
    isFirst = gap
  }
  return changed
}

/** Go's `strings.Title`: letters, digits and `_` make words; beyond ASCII only white space parts them. */
function isTitleGap(character: string): boolean {
  if (/^[\p{L}\p{Nd}_]$/u.test(character)) return false
  return character < "\x80" || isSpace(character)
}

function swapCase(text: string): string {
  let swapped = ""
  let isAfterSpace = true
  for (const character of text) {
    if (isUpper(character) || /^\p{Lt}$/u.test(character)) {
      swapped += lowerCase(character)
      isAfterSpace = false
    } else if (isLower(character)) {
      swapped += isAfterSpace ? titleCase(character) : upperCase(character)
      isAfterSpace = false
    } else {
      swapped += character
      isAfterSpace = isSpace(character)
    }
  }
  return swapped
}
