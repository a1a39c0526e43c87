import { readdirSync } from "node:fs"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { runWholeCase, type WholeWorld } from "../../conformance/run-whole-case.ts"
import { DIALECTS, engineOf } from "../engine/test-engine.ts"
import { withRegistry } from "../setup/whole-world.ts"

const FOLDER = "test/data/conformance/whole"

describe.each(DIALECTS)("%s", (dialect) => {
  let world: WholeWorld
  const over = Promise.withResolvers<void>()
  let closing: Promise<void>
  beforeAll(async () => {
    const choice = await engineOf(dialect)
    const ready = Promise.withResolvers<void>()
    closing = withRegistry(choice, async (made) => {
      world = made
      ready.resolve()
      await over.promise
    })
    await Promise.race([ready.promise, closing])
  })
  afterAll(async () => {
    over.resolve()
    await closing
  })

  test.concurrent.each(readdirSync(FOLDER))(
    "runs %s to the end that acb's runner came to, or the one that its rule names",
    async (name) => {
      const { passed, detail } = await runWholeCase(`${FOLDER}/${name}`, world)

      expect(passed, detail).toBe(true)
    },
  )
})
