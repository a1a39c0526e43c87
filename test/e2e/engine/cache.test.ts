import { execFile } from "node:child_process"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import type { EngineChoice } from "../../../builder/engine/engine.ts"
import { pushBaseImage } from "../setup/base-image.ts"
import { ask, DIALECTS, engineOf, startRun, type TestRun } from "./test-engine.ts"
import { startTestRegistry, type TestRegistry } from "./test-registry.ts"

const run = promisify(execFile)
let registry: TestRegistry
let base: string
const runs: TestRun[] = []

beforeAll(async () => {
  registry = await startTestRegistry()
  base = (await pushBaseImage(registry, "base/busybox", "1")).image
})
afterEach(async () => {
  for (const ended of runs.splice(0)) await ended.end()
})
afterAll(() => registry?.stop())

describe.each(DIALECTS)("%s", (dialect) => {
  let choice: EngineChoice
  beforeAll(async () => {
    choice = await engineOf(dialect)
  })

  test("after all local layers are gone, no RUN is executed again, thanks to the registry", async () => {
    const local = await localStateOf(choice)
    const marker = `m${Date.now()}`
    const Dockerfile = `FROM ${base}\nRUN echo ran-$((40+2))-${marker} > /one; cat /one\nCOPY a /a\nRUN cat /a /one > /two; cat /two\n`
    const build = async (cache: { isRead: boolean; isWritten: boolean }) => {
      const started = await startRun(
        local.choice,
        { Dockerfile, a: "a\n" },
        { insecureRegistries: [registry.loginServer] },
      )
      runs.push(started)
      const images = [`${registry.loginServer}/${dialect}/cached:${runs.length}`]
      const { imageId } = await started.engine.build(started.options({ images, cache }))
      await started.engine.push(imageId, images[0]!, () => {})
      await started.engine.dispose()
      return started.lines.filter((line) => line.endsWith(`ran-42-${marker}`)).length
    }
    try {
      const first = await build({ isRead: true, isWritten: true })
      await local.wipe(marker)
      const withoutCache = await build({ isRead: false, isWritten: false })
      await local.wipe(marker)
      const withCache = await build({ isRead: true, isWritten: false })

      expect({ first, withoutCache, withCache }).toEqual({ first: 2, withoutCache: 2, withCache: 0 })
    } finally {
      await local.remove()
    }
  })
})

/** Local layers that can be wiped without touching anybody else's. */
async function localStateOf(choice: EngineChoice) {
  if (choice.dialect === "docker") {
    const wipe = async (marker: string) => {
      const env = { ...choice.env, PATH: process.env.PATH, HOME: tmpdir() }
      const { stdout } = await run(choice.buildxCommand!, ["du", "--verbose"], { env })
      // Each step's record is described by its command, and kept as long as one stands on it.
      for (const id of withChildren(stdout.split(/\n(?=ID:)/), marker)) {
        await run(choice.buildxCommand!, ["prune", "--all", "--force", "--filter", `id=${id}`], { env })
      }
      expect(await ask(choice, "images", "--format", "{{.Repository}}")).not.toContain("/cached")
    }
    return { choice, wipe, remove: async () => {} }
  }
  const folder = await mkdtemp(join(tmpdir(), "slipway-podman-"))
  const settings = join(folder, "storage.conf")
  const write = (round: number) =>
    writeFile(
      settings,
      `[storage]\ndriver = "overlay"\ngraphroot = "${folder}/${round}/graph"\nrunroot = "${folder}/${round}/run"\n`,
    )
  let round = 0
  await write(round)
  return {
    choice: { ...choice, env: { ...choice.env, CONTAINERS_STORAGE_CONF: settings } },
    wipe: () => write(++round),
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

/** Ids of the records that mention the marker and of all that stand on them, the topmost first. */
function withChildren(records: string[], marker: string): string[] {
  const field = (record: string, name: RegExp) => name.exec(record)?.[1] ?? ""
  const all = records.map((record) => ({
    id: field(record, /^ID:\s+(\S+)/m),
    parents: field(record, /^Parents?:\s+(.*)$/m),
    isMarked: record.includes(marker),
  }))
  const found = new Set(all.filter(({ isMarked }) => isMarked).map(({ id }) => id))
  expect(found.size).toBeGreaterThan(0)
  for (const parent of found) {
    for (const { id, parents } of all) {
      if (id === parent || !parents.includes(parent)) continue
      // Behind its parents, also behind those found later.
      found.delete(id)
      found.add(id)
    }
  }
  return [...found].reverse()
}
