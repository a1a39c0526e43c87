import { expect, test } from "vitest"
import { createAliasLoader } from "../../../builder/run/load-alias.ts"

const load = createAliasLoader({
  places: { workspace: "/nowhere", home: "/nowhere", volumes: "/nowhere", temporary: "/nowhere" },
  rules: { allowedHosts: ["h.example"] },
})

test.each([
  "http://user:hunter2@h.example/a.yaml",
  "http://h.example/a.yaml?token=hunter2",
  "http://hunter2@h.example/a.yaml",
])("%s is not asked for: its secret would go in clear", async (source) => {
  const loaded = await load(source)

  expect(loaded).toEqual({ ok: false, problem: expect.stringContaining("use https://") })
  expect(JSON.stringify(loaded)).not.toContain("hunter2")
})
