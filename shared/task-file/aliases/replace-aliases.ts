import type { RenderedText, Segment } from "../../templates/rendered-text.ts"

/** What replacing may make of a text, in UTF-16 units: aliases of aliases do not exist, but a long value can be named often. */
export const MAX_REPLACED_LENGTH = 4 * 1024 * 1024

const NAME = /[a-zA-Z0-9]*/y

/**
 * Replaces `$name` by the alias of that name in a whole text (task-file 5): the directive and the longest run of letters and digits.
 * Two directives are one, literally; an unknown name stays and takes the character behind it along, so `$nope$ID` stays as a whole.
 * Values are put in raw and not looked at again. Undefined when the result were longer than {@link MAX_REPLACED_LENGTH}.
 */
export function replaceAliases(
  text: string,
  aliases: ReadonlyMap<string, string>,
  directive: string,
): RenderedText | undefined {
  const parts: string[] = []
  const segments: Segment[] = []
  let length = 0
  const put = (part: string, sourceStart: number, isVerbatim: boolean) => {
    if (part === "") return
    segments.push({ start: length, sourceStart, isVerbatim })
    parts.push(part)
    length += part.length
  }

  let copied = 0
  let at = text.indexOf(directive)
  while (at >= 0) {
    const nameStart = at + directive.length
    NAME.lastIndex = nameStart
    const name = NAME.exec(text)?.[0] ?? ""
    const end = nameStart + name.length
    const value = aliases.get(name)
    let next = end
    if (name === "" && text.startsWith(directive, end)) {
      put(text.slice(copied, at), copied, true)
      copied = end
      next = end + directive.length
    } else if (name !== "" && value !== undefined) {
      put(text.slice(copied, at), copied, true)
      put(value, at, false)
      copied = end
    } else if (text.startsWith(directive, end)) next = end + directive.length
    if (length > MAX_REPLACED_LENGTH) return undefined
    at = text.indexOf(directive, next)
  }
  put(text.slice(copied), copied, true)
  return { text: parts.join(""), segments }
}
