/** A form of which only its beginning is compared: a megabyte of forms must neither fill memory nor hold the run. */
type Form = { start: string; length: number }
type Found = { start: number; end: number }

/** Two secrets that share so many characters and differ later are one: whichever begins there, the longer one is masked. */
const COMPARED_LENGTH = 1024
const MIN_LENGTH = 3
const BUCKETS = 65_536

/**
 * Returns what finds every place in a text where one of the forms stands, the longest at each place, in order. A table over the
 * first three characters, not a RegExp: that is refused when it grows large, its error quotes it, and it tries every form at every
 * place. Forms shorter than three characters are left out. A form never reaches beyond the end of a line.
 */
export function createFormFinder(forms: Iterable<string>): { longest: number; find(text: string): Found[] } {
  const lengths = new Map<string, number>()
  for (const form of forms) {
    if (form.length < MIN_LENGTH) continue
    const start = form.slice(0, COMPARED_LENGTH)
    lengths.set(start, Math.max(lengths.get(start) ?? 0, form.length))
  }
  const all = [...lengths].map(([start, length]): Form => ({ start, length })).sort((a, b) => b.length - a.length)
  const buckets = new Map<number, Form[]>()
  const isUsed = new Uint8Array(BUCKETS)
  for (const form of all) {
    const bucket = bucketAt(form.start, 0)
    isUsed[bucket] = 1
    const others = buckets.get(bucket)
    if (others === undefined) buckets.set(bucket, [form])
    else others.push(form)
  }

  function find(text: string): Found[] {
    const found: Found[] = []
    for (let at = 0; at + MIN_LENGTH <= text.length; at += 1) {
      const bucket = bucketAt(text, at)
      if (isUsed[bucket] === 0) continue
      const form = buckets.get(bucket)?.find(({ start }) => text.startsWith(start, at))
      if (form !== undefined) found.push({ start: at, end: endOf(text, at, form) })
    }
    return found
  }

  return { longest: all[0]?.length ?? 0, find: all.length === 0 ? () => [] : find }
}

function endOf(text: string, at: number, { start, length }: Form): number {
  if (length === start.length) return at + length
  const lineEnd = text.indexOf("\n", at + start.length)
  return Math.min(at + length, lineEnd < 0 ? text.length : lineEnd)
}

function bucketAt(text: string, at: number): number {
  return (text.charCodeAt(at) * 961 + text.charCodeAt(at + 1) * 31 + text.charCodeAt(at + 2)) % BUCKETS
}
