import { gzipSync } from "node:zlib"

export type Entry = {
  name: string
  type?: string
  content?: string | Buffer
  linkName?: string
  mode?: number
  mtime?: number
  /** Written into the header instead of the content's length. */
  size?: number
  /** A pax header in front, as Python's tarfile writes it. */
  pax?: Record<string, string>
  /** GNU's `././@LongLink` in front. */
  gnuLongName?: string
  isPrefixed?: boolean
}

/** A tar, made by hand so that it can be as hostile as it likes. */
export function makeTar(entries: Entry[]): Buffer {
  return Buffer.concat([...entries.flatMap(blocksOf), Buffer.alloc(1024)])
}

export function makeTarGz(entries: Entry[]): Buffer {
  return gzipSync(makeTar(entries))
}

function blocksOf(entry: Entry): Buffer[] {
  const extra: Buffer[] = []
  if (entry.pax !== undefined) extra.push(...blocksOf({ name: "PaxHeaders/x", type: "x", content: paxOf(entry.pax) }))
  if (entry.gnuLongName !== undefined) {
    extra.push(...blocksOf({ name: "././@LongLink", type: "L", content: `${entry.gnuLongName}\0` }))
  }
  const content = Buffer.from(entry.content ?? "")
  const padding = Buffer.alloc((512 - (content.length % 512)) % 512)
  return [...extra, headerOf(entry, content.length), content, padding]
}

function headerOf(entry: Entry, length: number): Buffer {
  const header = Buffer.alloc(512)
  header.write(entry.name, 0, 100)
  header.write(`${(entry.mode ?? 0o644).toString(8).padStart(7, "0")}\0`, 100)
  header.write("0000000\0", 108)
  header.write("0000000\0", 116)
  header.write(`${(entry.size ?? length).toString(8).padStart(11, "0")}\0`, 124)
  header.write(`${(entry.mtime ?? 1_000_000_000).toString(8).padStart(11, "0")}\0`, 136)
  header.write("        ", 148)
  header.write(entry.type ?? "0", 156)
  header.write(entry.linkName ?? "", 157, 100)
  header.write("ustar\x0000", 257)
  if (entry.isPrefixed) header.write("prefix/folder", 345)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148)
  return header
}

function paxOf(records: Record<string, string>): Buffer {
  const lines = Object.entries(records).map(([key, value]) => {
    const rest = Buffer.byteLength(` ${key}=${value}\n`)
    let length = rest + String(rest).length
    if (String(length).length + rest !== length) length += 1
    return `${length} ${key}=${value}\n`
  })
  return Buffer.from(lines.join(""))
}
