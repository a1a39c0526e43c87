import { createFormFinder } from "./find-forms.ts"
import { secretForms } from "./secret-forms.ts"

export const MASK = "***"

/** Longest text that one of {@link PATTERNS} may cover. */
const PATTERN_LENGTH = 2048
const MAX_WAITING = 64 * 1024
/** Secrets that show by their place: the signature of a SAS, and user and password in a URL, one with a `/` in it too. */
const PATTERNS = [
  { pattern: /sig=[A-Za-z0-9%+/=_-]{8,1024}/g, keep: "sig=".length, trim: 0 },
  { pattern: /:\/\/[^\s/@"'<>]{1,1024}@/g, keep: "://".length, trim: "@".length },
  // A port is no password: `http://host:4873/@scope/name`.
  { pattern: /:\/\/[^\s/@"'<>:]{1,256}:(?!\d{1,5}[/?#])[^\s@"'<>]{1,1024}@/g, keep: "://".length, trim: "@".length },
]

/** `start` to `end` is masked; `from` to `to` is what had to be seen together to know that. */
type Range = { from: number; start: number; end: number; to: number }

/** Masks text that comes in pieces. Not to be shared between two streams: each has its own unfinished end. */
export type Masker = {
  /** Takes a piece and returns what can be shown already; the rest is kept until more text or {@link flush} decides. */
  write(text: string): string
  /** Returns the rest. */
  flush(): string
  /** Masks a whole text by itself. */
  mask(text: string): string
}

/**
 * Replaces every form of every secret by `***` (triggers, "Security": raw, base64, percent-encoded and JSON-escaped, across chunk
 * borders). Values shorter than three characters are not masked: that would blank out any log and so reveal them.
 */
export function createMasker(secrets: Iterable<string>): Masker {
  const forms = createFormFinder([...secrets].flatMap(secretForms))
  const reach = Math.max(PATTERN_LENGTH, forms.longest)
  let rest = ""

  const find = (text: string) => findRanges(text, forms.find(text))
  return {
    write(text) {
      rest += text
      // No form holds a line end, so whatever stands before the last one is decided.
      const decided = Math.max(rest.lastIndexOf("\n") + 1, rest.length - reach)
      if (decided <= 0) return ""
      const ranges = find(rest)
      // What is masked across the border may still grow, so it waits, unless it fills memory (a flood of one letter).
      const cut = rest.length > MAX_WAITING ? cutBehind(ranges, decided) : cutBefore(ranges, decided)
      const decidedRanges = ranges.filter(({ to }) => to <= cut)
      const shown = replace(rest.slice(0, cut), decidedRanges)
      rest = rest.slice(cut)
      return shown
    },
    flush() {
      const shown = replace(rest, find(rest))
      rest = ""
      return shown
    },
    mask: (text) => replace(text, find(text)),
  }
}

function cutBefore(ranges: Range[], position: number): number {
  return ranges.reduceRight((cut, { from, to }) => (from < cut && to > cut ? from : cut), position)
}

function cutBehind(ranges: Range[], position: number): number {
  return ranges.reduce((cut, { from, to }) => (from < cut && to > cut ? to : cut), position)
}

/** All places to mask, merged where they overlap, in order. */
function findRanges(text: string, forms: { start: number; end: number }[]): Range[] {
  const found: Range[] = forms.map(({ start, end }) => ({ from: start, start, end, to: end }))
  for (const { pattern, keep, trim } of PATTERNS) {
    for (const match of text.matchAll(pattern)) {
      const to = match.index + match[0].length
      found.push({ from: match.index, start: match.index + keep, end: to - trim, to })
    }
  }
  found.sort((a, b) => a.start - b.start)
  const merged: Range[] = []
  for (const range of found) {
    const last = merged.at(-1)
    if (last === undefined || range.start >= last.end) {
      merged.push({ ...range })
      continue
    }
    last.end = Math.max(last.end, range.end)
    last.to = Math.max(last.to, range.to)
    last.from = Math.min(last.from, range.from)
  }
  return merged
}

function replace(text: string, ranges: Range[]): string {
  if (ranges.length === 0) return text
  let shown = ""
  let position = 0
  for (const { start, end } of ranges) {
    shown += text.slice(position, start) + MASK
    position = end
  }
  return shown + text.slice(position)
}
