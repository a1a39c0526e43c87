import { execFileSync, spawn } from "node:child_process"
import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { gzipSync } from "node:zlib"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { ContextError } from "../../../builder/context/context-error.ts"
import { unpackArchive } from "../../../builder/context/unpack-archive.ts"
import { emptyFolder } from "../../../builder/empty-folder.ts"
import { type Entry, makeTar, makeTarGz } from "./make-tar.ts"

const LIMITS = { maxBytes: 64 * 1024 * 1024, maxEntries: 100, maxRatio: 200 }

let base: string
let root: string

beforeEach(async () => {
  base = await mkdtemp(path.join(tmpdir(), "unpack-"))
  root = path.join(base, "root")
  await mkdir(root)
})

afterEach(async () => {
  await emptyFolder(base)
  await rm(base, { recursive: true })
})

async function* inPieces(bytes: Buffer, length = 700) {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length)
}

const unpack = (archive: Buffer, limits = LIMITS) => unpackArchive(inPieces(archive), root, limits)
const unpackEntries = (entries: Entry[], limits = LIMITS) => unpack(makeTarGz(entries), limits)
const read = (name: string) => readFile(path.join(root, name), "utf8")

describe("unpackArchive", () => {
  it("unpacks files, folders and links with their modes and times", async () => {
    await unpackEntries([
      { name: "/", type: "5", mode: 0o755 },
      { name: "bin/", type: "5", mode: 0o750, mtime: 1_100_000_000 },
      { name: "bin/run", content: "#!/bin/sh\n", mode: 0o4751, mtime: 1_200_000_000 },
      { name: "bin/again", type: "1", linkName: "bin/run", size: 10 },
      { name: "current", type: "2", linkName: "bin/run" },
      { name: "up", type: "5" },
      { name: "up/down", type: "2", linkName: "../bin" },
    ])

    const facts = await stat(path.join(root, "bin/run"))
    expect(await read("bin/again")).toBe("#!/bin/sh\n")
    expect(await read("up/down/run")).toBe("#!/bin/sh\n")
    expect(facts.mode & 0o7777).toBe(0o751)
    expect(facts.nlink).toBe(2)
    expect(facts.mtimeMs).toBe(1_200_000_000_000)
    expect(await readlink(path.join(root, "current"))).toBe("bin/run")
    const folder = await stat(path.join(root, "bin"))
    expect([folder.mode & 0o777, folder.mtimeMs]).toEqual([0o750, 1_100_000_000_000])
  })

  it("unpacks what Python's tarfile writes for the Azure CLI, names of any length and script included", async () => {
    const long = `${"folder-name/".repeat(20)}größe-文件.txt`
    const script = `import io, sys, tarfile
t = tarfile.open(mode="w:gz", fileobj=sys.stdout.buffer, format=tarfile.PAX_FORMAT)
i = tarfile.TarInfo("/"); i.type = tarfile.DIRTYPE; i.mtime = 1.5; t.addfile(i)
for n in ["a.txt", sys.argv[1], "Dockerfile", "Dockerfile"]:
  i = tarfile.TarInfo(n); d = (n + "!").encode(); i.size = len(d); i.mtime = 1700000000.25; t.addfile(i, io.BytesIO(d))
t.close()`
    await unpack(execFileSync("python3", ["-c", script, long], { stdio: ["ignore", "pipe", "inherit"] }))

    expect(await read("a.txt")).toBe("a.txt!")
    expect(await read(long)).toBe(`${long}!`)
    expect((await stat(path.join(root, "a.txt"))).mtimeMs).toBe(1_700_000_000_250)
  })

  it("understands GNU long names, pax sizes, prefixes, old folders and base-256 numbers", async () => {
    const name = `gnu/${"x".repeat(150)}`
    const archive = makeTar([
      { name: "short", gnuLongName: name, content: "1" },
      { name: "file", isPrefixed: true, content: "2" },
      { name: "old-folder/", type: "\0" },
      { name: "pax", size: 0, pax: { size: "3", path: "renamed/ü" }, content: "abc" },
      { name: "seven", type: "7", content: "7" },
    ])

    await unpack(gzipSync(archive), LIMITS)

    expect(await read(name)).toBe("1")
    expect(await read("prefix/folder/file")).toBe("2")
    expect((await stat(path.join(root, "old-folder"))).isDirectory()).toBe(true)
    expect(await read("renamed/ü")).toBe("abc")
    expect(await read("seven")).toBe("7")
  })

  it.each([
    ["gnu", []],
    ["posix", []],
    ["posix", ["--sparse-version=0.1"]],
  ])("fills the holes of files that GNU tar has left out: %s %s", async (format, options) => {
    const source = path.join(base, "source")
    await mkdir(source)
    const holed = async (name: string, size: number, pieces: number[]) => {
      const file = await open(path.join(source, name), "w")
      for (const [index, at] of pieces.entries()) await file.write(`piece ${index}`, at)
      await file.truncate(size)
      await file.close()
    }
    await holed("empty", 1_000_000, [])
    await holed("start", 3_000_000, [0, 2_000_000])
    await holed("end", 2_000_007, [1_000_000, 2_000_000])
    await holed(
      "many",
      7_000_000,
      Array.from({ length: 100 }, (_, index) => index * 65_536),
    )
    await writeFile(path.join(source, "plain"), "plain")
    const args = ["-cz", "--sparse", `--format=${format}`, ...options, "."]
    const archive = execFileSync("tar", args, { cwd: source, stdio: ["ignore", "pipe", "inherit"] })
    expect(archive.length).toBeLessThan(50_000)

    await unpackArchive(inPieces(archive), root, { ...LIMITS, maxRatio: 5000 })

    expect((await readdir(root)).sort()).toEqual(["empty", "end", "many", "plain", "start"])
    for (const name of await readdir(root)) {
      const [ours, theirs] = await Promise.all([readFile(path.join(root, name)), readFile(path.join(source, name))])
      expect(ours.equals(theirs)).toBe(true)
    }
  })

  it("counts the holes of a sparse file like other bytes", async () => {
    await expect(unpackEntries([sparse("0,2", 10 * 1024 * 1024, "xy")])).resolves.toMatchObject({ entries: 1 })
    await expect(unpackEntries([sparse("0,2", 30 * 1024 * 1024, "xy")])).rejects.toThrow("200 times")
    const limits = { ...LIMITS, maxRatio: 1e9 }
    await expect(unpackEntries([sparse("0,2", 2 ** 50, "xy")], limits)).rejects.toThrow(`${LIMITS.maxBytes} bytes`)
  })

  it("lets the last of several entries with one name win, without touching what the first was linked to", async () => {
    await unpackEntries([
      { name: "Dockerfile", content: "first" },
      { name: "linked", type: "1", linkName: "Dockerfile" },
      { name: "Dockerfile", content: "last" },
      { name: "folder/inside", content: "x" },
      { name: "folder", content: "now a file" },
      { name: "link", type: "2", linkName: "linked" },
      { name: "link", content: "now a file too" },
    ])

    expect(await read("Dockerfile")).toBe("last")
    expect(await read("linked")).toBe("first")
    expect(await read("folder")).toBe("now a file")
    expect((await lstat(path.join(root, "link"))).isFile()).toBe(true)
  })

  it("takes an archive without entries, and one without an end mark", async () => {
    await unpackEntries([])
    await unpack(gzipSync(makeTar([{ name: "a", content: "x" }]).subarray(0, 1024)))

    expect(await readdir(root)).toEqual(["a"])
  })

  it.each<[string, Entry[], string]>([
    ["an absolute name", [{ name: "/etc/evil", content: "x" }], '"/etc/evil"'],
    ["a name with ..", [{ name: "a/../../evil", content: "x" }], '".."'],
    ["a pax name with ..", [{ name: "ok", pax: { path: "../evil" }, content: "x" }], '"../evil"'],
    ["a name with a NUL", [{ name: "ok", pax: { path: "a\0b" }, content: "x" }], "NUL"],
    [
      "a name that no file can have",
      [{ name: "ok", pax: { path: "y".repeat(300) }, content: "x" }],
      "no file can have",
    ],
    ["an absolute link", [{ name: "evil", type: "2", linkName: "/etc/passwd" }], '"evil"'],
    ["a link to the parent", [{ name: "a/evil", type: "2", linkName: "../../x" }], '"a/evil"'],
    ["a link that leaves and comes back", [{ name: "evil", type: "2", linkName: "../root/x" }], '"evil"'],
    [
      "links that escape only together",
      [
        { name: "d", type: "2", linkName: "." },
        { name: "evil", type: "2", linkName: "d/.." },
      ],
      '"evil"',
    ],
    [
      "links that escape only together, in the other order",
      [
        { name: "evil", type: "2", linkName: "sub/d/../.." },
        { name: "sub/d", type: "2", linkName: ".." },
      ],
      '"evil"',
    ],
    [
      "a file written through a link",
      [
        { name: "target", type: "5" },
        { name: "link", type: "2", linkName: "target" },
        { name: "link/file", content: "x" },
      ],
      "through the link",
    ],
    ["a hard link to the outside", [{ name: "evil", type: "1", linkName: "../outside" }], '".."'],
    ["an absolute hard link", [{ name: "evil", type: "1", linkName: "/etc/passwd" }], "absolute"],
    [
      "a hard link through a link",
      [
        { name: "link", type: "2", linkName: "." },
        { name: "evil", type: "1", linkName: "link/file" },
      ],
      '"evil"',
    ],
    [
      "a hard link to a link",
      [
        { name: "a/b/link", type: "2", linkName: "../.." },
        { name: "evil", type: "1", linkName: "a/b/link" },
      ],
      '"evil"',
    ],
    ["a hard link to nothing", [{ name: "evil", type: "1", linkName: "later" }], '"later"'],
    ["a file below a file", [{ name: "a", content: "x" }, { name: "a/b", content: "x" }], "no directory"], // biome-ignore format: short
    ["a character device", [{ name: "dev", type: "3" }], "character device"],
    ["a block device", [{ name: "dev", type: "4" }], "block device"],
    ["a pipe", [{ name: "fifo", type: "6" }], "named pipe"],
    ["an unknown type", [{ name: "odd", type: "Z" }], '"Z"'],
    ["a file in the root's place", [{ name: "./", type: "2", linkName: "x" }], "root"],
    ["a pax header that is none", [{ name: "x", type: "x", content: "not pax at all" }], "pax"],
    [
      "a sparse file of the oldest format",
      [{ name: "x", pax: { "GNU.sparse.numblocks": "1", "GNU.sparse.offset": "0" }, content: "x" }],
      "make it without tar's -S (--sparse)",
    ],
    ["a sparse file with more than it says", [sparse("0,1", 5, "xy")], 'sparse file "x" fits no file'],
    ["a sparse file with less than it says", [sparse("0,3", 5, "xy")], "fits no file"],
    ["a sparse file beyond its end", [sparse("4,2", 5, "xy")], "fits no file"],
    ["a sparse file over itself", [sparse("0,2,1,2", 9, "wxyz")], "fits no file"],
    ["a sparse file with half a piece", [sparse("0,2,4", 9, "xy")], "fits no file"],
    ["a sparse file without a number", [sparse("a,2", 9, "xy")], "fits no file"],
    ["a sparse file of no size", [sparse("0,2", Number.NaN, "xy")], "fits no file"],
    ["a sparse file of endless size", [sparse("0,2", 2 ** 60, "xy")], "fits no file"],
    ["a sparse file outside", [{ ...sparse("0,2", 5, "xy"), pax: { ...sparse("0,2", 5, "xy").pax, "GNU.sparse.name": "../evil" } }], '"../evil"'], // biome-ignore format: one line
    ["a sparse file whose map is none", [sparseWithMap("nothing\n")], "fits no file"],
    ["a sparse file whose map has no end", [sparseWithMap("1".repeat(512))], "fits no file"],
    ["a sparse file whose map is longer than it", [sparseWithMap("9\n0\n1\n")], "fits no file"],
    ["a sparse file of a million pieces", [sparseWithMap("1000000\n")], "fits no file"],
    ["a sparse file whose headers are none", [{ name: "x", type: "S", content: "x" }], "fits no file"],
    [
      "a flood of headers",
      Array.from({ length: 20 }, () => ({ name: "g", type: "g", content: "11 path=ab\n" })),
      "too many headers",
    ],
    ["an impossible size", [{ name: "x", pax: { size: "-5" }, content: "" }], "size"],
    ["a huge header", [{ name: "x", type: "x", content: Buffer.alloc(2 * 1024 * 1024) }], "1 MiB"],
  ])("refuses %s, names it and writes nothing outside", async (_what, entries, named) => {
    await writeFile(path.join(base, "outside"), "untouched")

    const refusal = await unpackEntries(entries).catch((error: unknown) => error)

    expect(refusal).toBeInstanceOf(ContextError)
    expect((refusal as Error).message).toContain(named)
    expect((refusal as Error).message).not.toMatch(/[\n\0]/)
    expect((await readdir(base)).sort()).toEqual(["outside", "root"])
    expect(await readFile(path.join(base, "outside"), "utf8")).toBe("untouched")
  })

  it("refuses a link with an empty target and follows loops no further than Linux does", async () => {
    await unpackEntries([
      { name: "a", type: "2", linkName: "b" },
      { name: "b", type: "2", linkName: "a" },
    ])

    expect((await readdir(root)).sort()).toEqual(["a", "b"])
    await expect(unpackEntries([{ name: "c", type: "2", linkName: "" }])).rejects.toThrow(ContextError)
  })

  it.each([
    ["nothing at all", Buffer.alloc(0), "not a gzip-compressed tar"],
    ["a plain tar", makeTar([{ name: "a", content: "x" }]), "not a gzip-compressed tar"],
    ["a zip", Buffer.from("PK\u0003\u0004 and so on"), "not a gzip-compressed tar"],
    ["gzip of something else", gzipSync("x".repeat(5000)), "not a gzip-compressed tar"],
    ["gzip of a short text", gzipSync("hello"), "not a gzip-compressed tar"],
    ["gzip of gzip", gzipSync(makeTarGz([{ name: "a", content: "x" }])), "not a gzip-compressed tar"],
    ["half a gzip", randomArchive().subarray(0, 40_000), "cut off"],
    ["a tar that ends inside a file", gzipSync(makeTar([{ name: "a", content: "x".repeat(2000) }]).subarray(0, 1500)), 'inside "a"'], // biome-ignore format: table
    ["a tar that ends inside a header", gzipSync(makeTar([{ name: "a", content: "x" }]).subarray(0, 1300)), "cut off"],
    ["a gzip with a wrong byte", damaged(randomArchive()), "damaged"],
  ])("refuses %s", async (_what, archive, message) => {
    await expect(unpack(archive)).rejects.toThrow(message)
    await expect(unpack(archive)).rejects.toBeInstanceOf(ContextError)
  })

  it("refuses more entries, more bytes and a higher ratio than allowed", async () => {
    const many = Array.from({ length: 11 }, (_, index) => ({ name: `f${index}`, content: "x" }))
    const zeros = [{ name: "zeros", content: Buffer.alloc(20 * 1024 * 1024) }]

    await expect(unpackEntries(many, { ...LIMITS, maxEntries: 10 })).rejects.toThrow("10 entries")
    await expect(unpackEntries(zeros, { ...LIMITS, maxBytes: 1_000_000 })).rejects.toThrow("1000000 bytes")
    await expect(unpackEntries(zeros)).rejects.toThrow("200 times")
    await expect(unpackEntries(zeros, { ...LIMITS, maxRatio: 5000 })).resolves.toMatchObject({ entries: 1 })
  })

  it("counts what hides behind the end mark", async () => {
    const archive = gzipSync(Buffer.concat([makeTar([{ name: "a" }]), Buffer.alloc(2_000_000)]))

    await expect(unpack(archive, { ...LIMITS, maxBytes: 1_000_000 })).rejects.toThrow("1000000 bytes")
  })

  it("passes on what the source throws, also in the middle", async () => {
    const archive = randomArchive()
    async function* breaking() {
      yield archive.subarray(0, 5000)
      throw new Error("the network is gone")
    }

    await expect(unpackArchive(breaking(), root, LIMITS)).rejects.toThrow("the network is gone")
  })

  it("closes its source when it refuses", async () => {
    let isClosed = false
    async function* endless() {
      try {
        yield makeTarGz([{ name: "/evil", content: "x" }])
        for (;;) yield await new Promise<Buffer>((resolve) => setImmediate(resolve, Buffer.alloc(512)))
      } finally {
        isClosed = true
      }
    }

    await expect(unpackArchive(endless(), root, LIMITS)).rejects.toThrow(ContextError)
    await expect.poll(() => isClosed).toBe(true)
  })

  it("needs little memory for a large archive", { timeout: 60_000 }, async () => {
    const program = fileURLToPath(new URL("measure-memory.ts", import.meta.url))
    const child = spawn(process.execPath, ["--experimental-strip-types", "--no-warnings", program, root])
    const output: string[] = []
    child.stdout.on("data", (chunk) => output.push(String(chunk)))
    child.stderr.on("data", (chunk) => output.push(String(chunk)))
    await new Promise((resolve) => child.on("close", resolve))

    const { bytes, peakMegabytes } = JSON.parse(output.join("")) as { bytes: number; peakMegabytes: number }
    expect(bytes).toBeGreaterThan(500 * 1024 * 1024)
    expect(peakMegabytes).toBeLessThan(150)
  })
})

describe("emptyFolder", () => {
  it("removes closed folders and follows no links", async () => {
    await mkdir(path.join(root, "closed/inside"), { recursive: true })
    await mkdir(path.join(base, "kept"))
    await writeFile(path.join(base, "kept/file"), "x")
    await symlink(path.join(base, "kept"), path.join(root, "closed/link"))
    await chmod(path.join(root, "closed/inside"), 0)
    await chmod(path.join(root, "closed"), 0)

    await emptyFolder(root)

    expect(await readdir(root)).toEqual([])
    expect(await readdir(path.join(base, "kept"))).toEqual(["file"])
  })

  it("takes a folder that is not there", async () => {
    await expect(emptyFolder(path.join(base, "nowhere"))).resolves.toBeUndefined()
  })
})

/** As GNU tar writes it with `--sparse-version=0.1`: pieces of offset and length. */
function sparse(map: string, size: number, content: string) {
  return {
    name: "made-up",
    content,
    pax: { "GNU.sparse.name": "x", "GNU.sparse.size": `${size}`, "GNU.sparse.map": map },
  }
}

/** The same in format 1.0, where the map stands in front of the content. */
function sparseWithMap(map: string): Entry {
  const content = map.padEnd(512, "\0")
  return { name: "x", content, pax: { "GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": "9" } }
}

/** 100 kB that gzip cannot make smaller, the same in every run. */
function randomArchive(): Buffer {
  let state = 7
  const content = Buffer.alloc(100_000)
  for (let index = 0; index < content.length; index += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    content[index] = state >>> 24
  }
  return makeTarGz([{ name: "random", content }])
}

function damaged(archive: Buffer): Buffer {
  const copy = Buffer.from(archive)
  copy[copy.length - 6] = (copy[copy.length - 6] ?? 0) ^ 0xff
  return copy
}
