import { spawn } from "node:child_process"
import { chmodSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs" // biome-ignore format: one list
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, onTestFinished, test } from "vitest"
import { emptyFolder } from "../../builder/empty-folder.ts"
import { removeTree } from "../../builder/remove-tree.ts"

describe("removing a tree", () => {
  test("takes files, folders, links and names that are no UTF-8, and leaves what links lead to", async () => {
    const { root, victim } = folders()
    mkdirSync(`${root}/a/b`, { recursive: true })
    writeFileSync(`${root}/a/b/file`, "")
    writeFileSync(Buffer.concat([Buffer.from(`${root}/a/`), Buffer.from([0xff, 0xfe])]), "")
    mkdirSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0xff])]))
    symlinkSync(victim, `${root}/a/link`)

    await removeTree(root)

    expect(existsSync(root)).toBe(false)
    expect(readdirSync(victim)).toHaveLength(VICTIMS)
  })

  test("takes a file, a link itself, and nothing where nothing is", async () => {
    const { root, victim } = folders()
    writeFileSync(`${root}/file`, "")
    symlinkSync(victim, `${root}/link`)

    await removeTree(`${root}/file`)
    await removeTree(`${root}/link`)
    await removeTree(`${root}/none`)
    await removeTree(`${root}/none/at/all`)

    expect(readdirSync(root)).toEqual([])
    expect(readdirSync(victim)).toHaveLength(VICTIMS)
  })

  test("takes folders that lock their owner out", async () => {
    const { root } = folders()
    mkdirSync(`${root}/locked/deep`, { recursive: true })
    writeFileSync(`${root}/locked/deep/file`, "")
    chmodSync(`${root}/locked/deep`, 0o500)
    chmodSync(`${root}/locked`, 0)

    await removeTree(root)

    expect(existsSync(root)).toBe(false)
  })

  test("takes a tree deeper than any path can be and than there are file descriptors", async () => {
    const { root } = folders()
    // Grows at its top, so that no path is ever long.
    for (let depth = 0; depth < 1500; depth += 1) {
      mkdirSync(`${root}/next`)
      if (depth > 0) renameSync(`${root}/top`, `${root}/next/top`)
      renameSync(`${root}/next`, `${root}/top`)
    }

    await removeTree(root)

    expect(existsSync(root)).toBe(false)
  })

  test("emptying keeps the folder itself", async () => {
    const { root } = folders()
    mkdirSync(`${root}/a/b`, { recursive: true })
    writeFileSync(`${root}/file`, "")

    await emptyFolder(root)
    await emptyFolder(`${root}/none`)

    expect(readdirSync(root)).toEqual([])
  })
})

describe("while somebody swaps a folder and a link to a folder outside", () => {
  test("nothing outside is lost", async () => {
    const { root, victim } = folders()
    const swapping = await swap(`${root}/context/deep`, victim)

    for (let attempt = 0; attempt < 400 && readdirSync(victim).length === VICTIMS; attempt += 1) {
      await emptyFolder(root).catch(() => undefined)
    }
    await swapping.stop()
    await emptyFolder(root)

    expect(readdirSync(victim)).toHaveLength(VICTIMS)
    expect(readdirSync(root)).toEqual([])
  })

  test("no folder outside is opened to its owner", async () => {
    const { root, victim } = folders()
    chmodSync(victim, 0o500)
    const swapping = await swap(`${root}/context`, victim)

    for (let attempt = 0; attempt < 100; attempt += 1) await removeTree(`${root}/context`).catch(() => undefined)
    await swapping.stop()

    expect(lstatSync(victim).mode & 0o777).toBe(0o500)
  })
})

const VICTIMS = 5

function folders() {
  const base = mkdtempSync(join(tmpdir(), "slipway-remove-"))
  onTestFinished(() => rmSync(base, { recursive: true, force: true }))
  const [root, victim] = [join(base, "work"), join(base, "victim")]
  for (const folder of [root, victim]) mkdirSync(folder)
  for (let at = 0; at < VICTIMS; at += 1) writeFileSync(`${victim}/${at}`, "precious")
  return { root, victim }
}

/** A process that puts a folder with a file, and a link to `victim`, in each other's place until it is stopped. */
async function swap(folder: string, victim: string) {
  const child = spawn(process.execPath, ["-e", SWAP, folder, victim], { stdio: ["ignore", "pipe", "ignore"] })
  const gone = new Promise((resolve) => child.once("exit", resolve))
  const stop = async () => {
    child.kill("SIGKILL")
    await gone
  }
  onTestFinished(stop)
  await new Promise((resolve) => child.stdout.once("data", resolve))
  return { stop }
}

const SWAP = `
const { mkdirSync, renameSync, symlinkSync, writeFileSync, writeSync } = require("node:fs")
const [folder, victim] = process.argv.slice(1)
const attempt = (act) => { try { act() } catch {} }
const pairs = [0, 1, 2, 3].map((at) => folder + "/" + at)
for (let round = 0; ; round += 1) {
  for (const pair of pairs) {
    attempt(() => mkdirSync(pair + "x", { recursive: true }))
    attempt(() => writeFileSync(pair + "x/file", ""))
    attempt(() => symlinkSync(victim, pair + "y"))
  }
  for (let turn = 0; turn < 20; turn += 1) {
    for (const pair of pairs) {
      attempt(() => renameSync(pair + "x", pair + "z"))
      attempt(() => renameSync(pair + "y", pair + "x"))
      attempt(() => renameSync(pair + "z", pair + "y"))
    }
  }
  if (round === 0) writeSync(1, "started")
}
`
