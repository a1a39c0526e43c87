/** One DER element (X.690): tag, length, content. */
export function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents)
  if (content.length < 0x80) return Buffer.concat([Buffer.from([tag, content.length]), content])
  const length = Buffer.from(
    content.length.toString(16).padStart(content.length > 0xffff ? 6 : content.length > 0xff ? 4 : 2, "0"),
    "hex",
  )
  return Buffer.concat([Buffer.from([tag, 0x80 | length.length]), length, content])
}

export const sequence = (...contents: readonly Uint8Array[]): Buffer => der(0x30, ...contents)

/** An INTEGER of unsigned bytes: no leading zeros, but one where the first bit would make it negative. */
export function derInteger(bytes: Uint8Array): Buffer {
  let start = 0
  while (start < bytes.length - 1 && bytes[start] === 0) start++
  const shown = bytes.subarray(start)
  return der(0x02, (shown[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), shown]) : shown)
}

/** An OBJECT IDENTIFIER written with dots. */
export function derOid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split(".").map(Number)
  const bytes = [first * 40 + second]
  for (const number of rest) {
    const groups = [number & 0x7f]
    for (let left = number >> 7; left > 0; left >>= 7) groups.unshift((left & 0x7f) | 0x80)
    bytes.push(...groups)
  }
  return der(0x06, Buffer.from(bytes))
}

/** The contents of a constructed element's children, each with its whole encoding. */
export function derChildren(element: Uint8Array): { tag: number; content: Uint8Array; whole: Uint8Array }[] {
  const outer = readElement(element, 0)
  const children: ReturnType<typeof derChildren> = []
  for (let at = outer.start; at < outer.end; ) {
    const child = readElement(element, at)
    children.push({
      tag: element[at] ?? 0,
      content: element.subarray(child.start, child.end),
      whole: element.subarray(at, child.end),
    })
    at = child.end
  }
  return children
}

function readElement(bytes: Uint8Array, at: number): { start: number; end: number } {
  const first = bytes[at + 1] ?? 0
  if (first < 0x80) return { start: at + 2, end: at + 2 + first }
  const count = first & 0x7f
  let length = 0
  for (let index = 0; index < count; index++) length = length * 256 + (bytes[at + 2 + index] ?? 0)
  return { start: at + 2 + count, end: at + 2 + count + length }
}
