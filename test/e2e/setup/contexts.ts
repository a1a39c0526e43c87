import { gzipSync } from "node:zlib"
import { Header, Pax } from "tar"

export type Entry = {
  path: string
  content?: string | Buffer
  type?: "File" | "Directory" | "SymbolicLink" | "Link" | "CharacterDevice"
  linkpath?: string
  mode?: number
}

/** A tar.gz with exactly these entries, hostile ones included: no library's care stands between the test and the bytes. */
export function tarball(entries: (Entry | [string, string])[]): Buffer {
  return gzipSync(tar(entries))
}

export function tar(entries: (Entry | [string, string])[]): Buffer {
  const blocks: Buffer[] = []
  for (const given of entries) {
    const entry: Entry = Array.isArray(given) ? { path: given[0], content: given[1] } : given
    const content = Buffer.from(entry.content ?? "")
    const header = new Header({
      path: entry.path,
      type: entry.type ?? "File",
      mode: entry.mode ?? 0o644,
      size: content.length,
      mtime: new Date("2026-11-21T10:00:00Z"),
      uid: 1000,
      gid: 1000,
      ...(entry.linkpath === undefined ? {} : { linkpath: entry.linkpath }),
    })
    const needsPax = header.encode()
    if (needsPax)
      blocks.push(
        new Pax({ path: entry.path, ...(entry.linkpath === undefined ? {} : { linkpath: entry.linkpath }) }).encode(),
      )
    blocks.push(header.block as Buffer, content, Buffer.alloc((512 - (content.length % 512)) % 512))
  }
  blocks.push(Buffer.alloc(1024))
  return Buffer.concat(blocks)
}
