import { readdirSync } from "node:fs"
import { afterAll, beforeAll, expect, test } from "vitest"
import { runWholeCase, type WholeWorld } from "../../conformance/run-whole-case.ts"
import { type DialectName, engineOf } from "../engine/test-engine.ts"
import { openRegistry } from "../setup/whole-world.ts"

const FOLDER = "test/data/conformance/whole"

/** Every whole run that was recorded from acb, on a real engine. */
export function testWholeRuns(dialect: DialectName): void {
  let world: WholeWorld
  let close: (() => Promise<void>) | undefined
  beforeAll(async () => {
    const opened = await openRegistry(await engineOf(dialect))
    world = opened.world
    close = opened.close
  })
  afterAll(() => close?.())

  test.concurrent.each(readdirSync(FOLDER))(
    "runs %s to the end that acb's runner came to, or the one that its rule names",
    async (name) => {
      const { passed, detail } = await runWholeCase(`${FOLDER}/${name}`, world)

      expect(passed, detail).toBe(true)
    },
  )
}
