// biome-ignore-all lint/suspicious/noTemplateCurlyInString: what a value may hold
import { expect, test } from "vitest"
import { type BuildPlan, bakeDefinition } from "../../../builder/engine/bake-definition.ts"

const plan: BuildPlan = {
  ...{ contextFolder: "/run/context", dockerfilePath: "/run/context/Dockerfile", localName: "local:1" },
  ...{ target: undefined, buildArguments: [], platforms: ["linux/amd64"], isClassic: false, noCache: false },
  ...{ labels: {}, cacheFrom: [], cacheTo: undefined, ownImages: [] },
}

function targetOf(changes: Partial<BuildPlan>) {
  return JSON.parse(bakeDefinition({ ...plan, ...changes }, "main")).target.main
}

test.each(["${X}", "%{if}", "$HOME", "a\nb", '"', "//comment", "ä"])("%j is nothing but a value", (value) => {
  const { args } = targetOf({ buildArguments: [{ name: "A", value }] })

  expect(args.A).toBe(`\${base64decode("${Buffer.from(value).toString("base64")}")}`)
})

test("names of arguments are as little templates as their values", () => {
  const { args } = targetOf({ buildArguments: [{ name: "${X}", value: "plain" }] })

  expect(Object.keys(args)).toEqual([`\${base64decode("${Buffer.from("${X}").toString("base64")}")}`])
})

test("bases are looked up each time, but not where one is an image of the run", () => {
  const own = targetOf({ ownImages: [{ name: "r.io/a:1", localName: "local:0" }] })

  expect(targetOf({}).pull).toBe(true)
  expect(own.pull).toBe(false)
  expect(own.contexts).toEqual({ "r.io/a:1": "docker-image://local:0" })
})

test("the cache goes into the image where no registry takes one, and its failure fails no build", () => {
  expect(targetOf({})["cache-to"]).toEqual([])
  expect(targetOf({ cacheTo: "inline" })["cache-to"]).toEqual(["type=inline"])
  expect(targetOf({ cacheTo: "r.io/a:c" })["cache-to"][0]).toContain("ignore-error=true")
})

test("what few builds ask for is there only where it is asked for", () => {
  const settings = {
    ...{ network: "none" as const, secrets: [{ id: "s", file: "/run/s" }], shmSize: "64m", ulimits: ["nofile=9"] },
    ...{ noCacheFilter: ["test"], contexts: [{ name: "c", value: "/run/c" }] },
  }

  expect(targetOf({ settings })).toMatchObject({
    ...{ network: "none", secret: ["type=file,id=s,src=/run/s"], "shm-size": "64m", ulimits: ["nofile=9"] },
    ...{ "no-cache-filter": ["test"], contexts: { c: "/run/c" } },
  })
  for (const key of ["network", "secret", "shm-size", "ulimits", "no-cache-filter", "contexts", "target"])
    expect(targetOf({ settings: {} })).not.toHaveProperty(key)
})
