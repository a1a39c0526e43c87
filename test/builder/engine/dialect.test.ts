// biome-ignore-all lint/suspicious/noTemplateCurlyInString: what a build argument may hold
import { describe, expect, test } from "vitest"
import type { BuildPlan } from "../../../builder/engine/bake-definition.ts"
import { DIALECTS } from "../../../builder/engine/dialect.ts"
import type { EngineChoice } from "../../../builder/engine/engine.ts"

const choices = {
  docker: {
    dialect: "docker",
    command: "/docker",
    buildxCommand: "/buildx",
    version: "1",
    env: {},
    cache: "registry",
    reason: "",
  },
  podman: { dialect: "podman", command: "/podman", version: "1", env: {}, cache: "registry", reason: "" },
} satisfies Record<string, EngineChoice>
const plan: BuildPlan = {
  ownImages: [],
  contextFolder: "/run-folder/context",
  dockerfilePath: "/run-folder/context/Dockerfile",
  localName: "local/name:1",
  target: "final",
  buildArguments: [
    { name: "PLAIN", value: "value-1" },
    { name: "HTTPS_PROXY", value: "value-2 ${X} $Y %{z}\n" },
  ],
  platforms: ["linux/arm64"],
  isClassic: false,
  noCache: false,
  labels: { "a.b": "label-1" },
  cacheFrom: ["r.io/a:cache"],
  cacheTo: "r.io/a:cache",
}
const files = {
  resultFile: "/run-folder/result",
  network: "net",
  temporaryFolder: "/run-folder/tmp",
  ignoreFile: "/run-folder/ignore",
}

describe.each(["docker", "podman"] as const)("%s", (name) => {
  const dialect = DIALECTS[name]
  const build = (changes: Partial<BuildPlan> = {}) => dialect.build(choices[name], { ...plan, ...changes }, files)

  test("no value of a build argument stands in the argument list", () => {
    expect(build().args.join(" ")).not.toContain("value-")
  })

  test("the platform is always said, bases are always looked up, docker's manifest format is made", () => {
    const { args, input } = build()
    const all = `${args.join(" ")} ${input ?? ""}`

    expect(all).toContain("linux/arm64")
    expect(all).toMatch(/--pull=always|"pull":true/)
    expect(all).toMatch(/--format=docker|--provenance=false/)
  })

  test("local names differ by run and by build", () => {
    const names = [dialect.localName("a", 1), dialect.localName("a", 2), dialect.localName("b", 1)]

    expect(new Set(names).size).toBe(3)
  })
})

test("buildx gets a definition in which no value can be taken for a template or a Compose variable", () => {
  const { input, folder } = DIALECTS.docker.build(choices.docker, plan, files)
  const target = JSON.parse(String(input)).target.slipway

  expect(folder).toBe(plan.contextFolder)
  expect(target).toMatchObject({
    context: "/run-folder/context",
    target: "final",
    tags: ["local/name:1"],
    args: { PLAIN: "value-1", HTTPS_PROXY: expect.stringMatching(/^\$\{base64decode\("[A-Za-z0-9+/=]+"\)\}$/) },
    "cache-to": ["type=registry,ref=r.io/a:cache,mode=max,ignore-error=true"],
  })
  expect(Buffer.from(target.args.HTTPS_PROXY.slice(16, -3), "base64").toString()).toBe(plan.buildArguments[1]?.value)
})

test("podman gets values by environment, except under names that would reach podman itself", () => {
  const { env, args } = DIALECTS.podman.build(choices.podman, plan, files)

  expect(env).toEqual({ PLAIN: "value-1", TMPDIR: "/run-folder/tmp" })
  expect(args).toContain("--build-arg=PLAIN")
  expect(args.join(" ")).not.toContain("HTTPS_PROXY")
  expect(args).toEqual(expect.arrayContaining(["--network=net", "--ignorefile=/run-folder/ignore"]))
})

test("without reading the cache podman reads none, although it may write it", () => {
  const { args } = DIALECTS.podman.build(choices.podman, { ...plan, noCache: true }, files)

  expect(args.filter((arg) => arg.startsWith("--cache-from"))).toEqual([])
  expect(args).toContain("--no-cache")
})

test("the layer cache is a tag for docker, a repository without a tag for podman, inline where only that works", () => {
  expect(DIALECTS.docker.cacheOf("r.io/a", "linux/arm/v7", "registry")).toEqual({
    from: ["r.io/a:slipway-cache-linux-arm-v7"],
    to: "r.io/a:slipway-cache-linux-arm-v7",
  })
  expect(DIALECTS.docker.cacheOf("r.io/a", "linux/amd64", "inline")?.to).toBe("inline")
  expect(DIALECTS.docker.cacheOf("r.io/a", "linux/amd64", "none")).toBeUndefined()
  expect(DIALECTS.podman.cacheOf("r.io/a", "linux/amd64", "registry")?.to).toBe("r.io/a/slipway-cache-linux-amd64")
  expect(DIALECTS.podman.cacheOf("r.io/a", "linux/amd64", "inline")).toBeUndefined()
})

test("the image id is what can be pushed and checked: the manifest where buildx says it", () => {
  const id = (metadata: object) => DIALECTS.docker.imageIdOf(JSON.stringify({ slipway: metadata }))

  expect(id({ "containerimage.digest": "sha256:m", "containerimage.config.digest": "sha256:c" })).toBe("sha256:m")
  expect(id({ "containerimage.config.digest": "sha256:c" })).toBe("sha256:c")
  expect(DIALECTS.podman.imageIdOf("sha256:c\n")).toBe("sha256:c")
  expect(DIALECTS.podman.imageIdOf("")).toBeUndefined()
})

test("podman's digests of an image are all that it ever met, whatever the name", () => {
  const names = JSON.stringify(["r.io/a@sha256:1", "r.io/a@sha256:2", "r.io/b@sha256:1"])

  expect(DIALECTS.podman.digestsOf([names, "null", "Error"])).toEqual([["sha256:1", "sha256:2"], [], []])
})

test("noise is dropped and the first build's missing cache is no error", () => {
  expect(DIALECTS.podman.cleanLine("failed to connect to syslog: Initialization")).toBeUndefined()
  expect(
    DIALECTS.podman.cleanLine("[Warning] one or more build args were not consumed: [TARGETARCH TARGETOS]"),
  ).toBeUndefined()
  expect(DIALECTS.podman.cleanLine("[Warning] one or more build args were not consumed: [MINE TARGETOS]")).toContain(
    "[MINE]",
  )
  expect(DIALECTS.podman.cleanLine("STEP 1/2: FROM a")).toBe("STEP 1/2: FROM a")
  expect(DIALECTS.docker.cleanLine("#6 ERROR: failed to configure registry cache importer: a: not found")).toBe(
    "#6 WARNING: no layer cache to read: a: not found",
  )
})
