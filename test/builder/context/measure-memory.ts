import { createGzip } from "node:zlib"
import { unpackArchive } from "../../../builder/context/unpack-archive.ts"

// Run as a process of its own: unpacks 520 MB into the folder it is given and tells how much memory that took at most.
const MEGABYTE = 1024 * 1024
const FILES = 130
const FILE_BYTES = 4 * MEGABYTE

function header(name: string): Buffer {
  const block = Buffer.alloc(512)
  block.write(name, 0)
  block.write("0000644\0", 100)
  block.write(`${FILE_BYTES.toString(8).padStart(11, "0")}\0`, 124)
  block.write("00000000000\0", 136)
  block.write("        0", 148)
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148)
  return block
}

async function* archive(): AsyncGenerator<Buffer> {
  const gzip = createGzip({ level: 1 })
  const content = Buffer.alloc(FILE_BYTES, "some text that packs fairly well, ")
  const feeding = (async () => {
    for (let file = 0; file < FILES; file += 1) {
      // One name: the disk holds one file at a time.
      gzip.write(header("file"))
      if (!gzip.write(content)) await new Promise((resolve) => gzip.once("drain", resolve))
    }
    gzip.end(Buffer.alloc(1024))
  })()
  for await (const chunk of gzip) yield chunk as Buffer
  await feeding
}

const [folder = ""] = process.argv.slice(2)
const { bytes } = await unpackArchive(archive(), folder, {
  maxBytes: 1024 * MEGABYTE,
  maxEntries: 1000,
  maxRatio: 10_000,
})
process.stdout.write(JSON.stringify({ bytes, peakMegabytes: process.resourceUsage().maxRSS / 1024 }))
