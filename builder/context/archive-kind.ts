import { parseTarHeader } from "./tar-header.ts"

/** How an archive is packed. */
export type ArchiveKind = "tar" | "gzip" | "bzip2" | "xz" | "zstd"

/** As much of an archive as {@link archiveKind} wants to see. */
export const KIND_BYTES = 512

const MAGIC: [ArchiveKind, number[]][] = [
  ["gzip", [0x1f, 0x8b]],
  ["bzip2", [0x42, 0x5a, 0x68]],
  ["xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ["zstd", [0x28, 0xb5, 0x2f, 0xfd]],
]
/** Their first bytes, or how their text begins, in Latin-1. */
const OTHERS: [string | RegExp, string][] = [
  ["PK\u0003\u0004", "a zip archive"],
  ["PK\u0005\u0006", "an empty zip archive"],
  ["7z\u00bc\u00af\u0027\u001c", "a 7z archive"],
  ["Rar!\u001a\u0007", "a rar archive"],
  [/^\s*(?:<!doctype html|<html)/i, "a web page (a repository's URL ends in .git)"],
  [/^\s*<\?xml/, "an XML text"],
  [/^\s*[[{]/, "a JSON text"],
  [/^[\t\n\r\x20-\x7e]+$/, "a text"],
]

/** How an archive is packed, by its first bytes and not by its name; undefined when it is none (task-file 7.4). */
export function archiveKind(start: Uint8Array): ArchiveKind | undefined {
  const packed = MAGIC.find(([, bytes]) => bytes.every((byte, at) => start[at] === byte))
  if (packed !== undefined) return packed[0]
  if (start.length < KIND_BYTES) return undefined
  const isEmptyTar = start.every((byte) => byte === 0)
  return isEmptyTar || parseTarHeader(start.subarray(0, KIND_BYTES)) !== undefined ? "tar" : undefined
}

/** What it is instead, in words. */
export function foundInstead(bytes: Uint8Array): string {
  if (bytes.length === 0) return "nothing (0 bytes)"
  const text = Buffer.from(bytes).toString("latin1")
  const known = OTHERS.find(([start]) => (typeof start === "string" ? text.startsWith(start) : start.test(text)))
  return known?.[1] ?? `something that begins with the bytes ${Buffer.from(bytes.subarray(0, 6)).toString("hex")}`
}
