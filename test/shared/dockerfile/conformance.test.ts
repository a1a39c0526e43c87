// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are Dockerfile variables
import { readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"
import { z } from "zod"
import { readDockerfile } from "../../../shared/dockerfile/read-dockerfile.ts"
import type { ImageDescriptor } from "../../../shared/registry/image-descriptor.ts"
import { imageName, imageReference } from "../../../shared/registry/image-reference.ts"

const Reference = z.object({ registry: z.string(), repository: z.string(), tag: z.string(), digest: z.string() })
const Case = z.object({
  id: z.string(),
  dockerfile: z.string(),
  build_args: z.array(z.string()).optional(),
  tags: z.array(z.string()).optional(),
  target: z.string().optional(),
  expect: z.object({
    error: z.string().optional(),
    scan_error: z.string().optional(),
    dependencies: z
      .array(
        z.object({
          image: Reference.nullable(),
          "runtime-dependency": Reference.nullable(),
          "buildtime-dependency": z.array(Reference).nullable(),
        }),
      )
      .optional(),
  }),
})
type Case = z.infer<typeof Case>
/** Names in full, `undefined` where there is no runtime image; or the mistake. */
type Expected = { runtime: string | undefined; buildtime: string[]; images: string[] } | { problem: RegExp }

/**
 * Where we deliberately differ from ACR's line scanner. `names`: how its names are read before comparing (applies to all).
 * `cases`: what we expect instead and why. Every other case must give what ACR gives.
 */
const nameRules = {
  "hub-name":
    "Docker Hub is `docker.io`, not `registry.hub.docker.com`: one image has one name, however it was written",
  "scratch-is-no-image": "`scratch` is no image: it has no digest, cannot change and can start nothing",
  "one-image-once": "`alpine` and `alpine:latest` are one image: a runtime dependency is not a buildtime one as well",
} as const
const none = { runtime: undefined, buildtime: [], images: [] }
const on = (runtime: string, ...buildtime: string[]): Expected => ({ runtime, buildtime, images: [] })
const caseRules: { rule: string; reason: string; cases: Record<string, Expected> }[] = [
  {
    rule: "reachable-stages-only",
    reason: "a stage that the target does not need is never built, so its base is no dependency (BuildKit)",
    cases: {
      registry: on("mcr.microsoft.com/dotnet/aspnet:8.0"),
      "arg-quoted": on("docker.io/library/foo:x"),
      crlf: on("docker.io/library/foo:1"),
    },
  },
  {
    rule: "target-must-exist",
    reason: "an unknown target fails the build; the scanner reports every stage of the file",
    cases: {
      "target-missing": { problem: /target stage "nope" could not be found/ },
      "target-index": { problem: /target stage "1" could not be found/ },
    },
  },
  {
    rule: "names-without-case",
    reason: "engines compare stage names without case",
    cases: { "target-case": on("docker.io/library/node:lts"), "stage-name-case": on("docker.io/library/a:latest") },
  },
  {
    rule: "copied-images-count",
    reason: "`COPY --from=image` and `RUN --mount=from=image` bring files of that image into the build",
    cases: {
      "copy-from-image": on("docker.io/library/alpine:latest", "docker.io/library/nginx:1"),
      "run-mount-from": on("docker.io/library/alpine:latest", "docker.io/library/foo:1"),
    },
  },
  {
    rule: "from-platform",
    reason: "`FROM --platform=` is understood",
    cases: { "platform-noalias": on("docker.io/library/golang:1") },
  },
  {
    rule: "arguments-as-engines-read-them",
    reason:
      "`${V:+x}`, several names per ARG line, the last definition, defaults of defaults, `TARGETARCH` work; stages leak nothing",
    cases: {
      "arg-braces-plus": on("docker.io/library/alpine:3"),
      "arg-two-on-line": on("docker.io/library/alpine:12"),
      "arg-redefined": on("docker.io/library/alpine:2"),
      "arg-nested": on("docker.io/library/alpine:3"),
      "arg-after-from": { problem: /invalid image name "foo:"/ },
      "predefined-arg": on("docker.io/library/foo:amd64"),
      "test-multistage-args": { problem: /12: invalid image name "microsoft\/:"/ },
    },
  },
  {
    rule: "build-argument-without-value",
    reason: "a build argument without a value counts as not given; it fails nothing",
    cases: { "arg-bad-buildarg": on("docker.io/library/alpine:latest") },
  },
  {
    rule: "from-takes-one-or-three-words",
    reason: "engines refuse words after the stage name, so the build fails anyway",
    cases: { "as-extra": { problem: /FROM requires either one or three arguments/ } },
  },
  {
    rule: "continuations-and-heredocs",
    reason: "lines that continue an instruction and bodies of heredocs are no instructions",
    cases: {
      "continuation-after": on("docker.io/library/alpine:latest"),
      heredoc: on("docker.io/library/alpine:latest"),
      "run-multiline-from": on("docker.io/library/alpine:latest"),
    },
  },
]

const { cases } = z
  .object({ cases: z.array(Case) })
  .parse(JSON.parse(readFileSync(new URL("../../data/conformance/dockerfile-deps.json", import.meta.url), "utf8")))

describe("the 50 cases of ACR's own scanner", () => {
  test.each(cases)("$id gives what ACR gives, or what a named rule says instead", (input) => {
    const deviation = caseRules.find(({ cases: deviating }) => input.id in deviating)

    const actual = read(input)
    const expected = deviation?.cases[input.id] ?? acrExpects(input)

    if ("problem" in expected) expect(actual).toEqual({ problem: expect.stringMatching(expected.problem) })
    else expect(actual).toEqual(expected)
  })

  test("every deviation is one: the case exists and ACR gives something else", () => {
    const idle = caseRules.flatMap(({ cases: deviating }) =>
      Object.entries(deviating).filter(([id, expected]) => {
        const input = cases.find((candidate) => candidate.id === id)
        return input === undefined || sameOutcome(acrExpects(input), expected)
      }),
    )

    expect(idle).toEqual([])
    expect(cases).toHaveLength(50)
    expect(Object.keys(nameRules)).toEqual(["hub-name", "scratch-is-no-image", "one-image-once"])
  })
})

function read(input: Case): Expected | { problem: string } {
  const buildArguments = (input.build_args ?? []).flatMap((text) => {
    const equals = text.indexOf("=")
    return equals < 0 ? [] : [{ name: text.slice(0, equals), value: text.slice(equals + 1) }]
  })
  const images = (input.tags ?? []).map((tag) => imageReference(tag))
  if (images.includes(undefined)) return { problem: "invalid tag" }
  const result = readDockerfile(input.dockerfile, { buildArguments, target: input.target, platform: "linux/amd64" })
  if (!result.ok) return { problem: result.problems.map(({ line, message }) => `${line}: ${message}`).join("\n") }
  const { runtime, buildtime } = result.dependencies
  return {
    runtime: runtime === undefined ? undefined : imageName(runtime),
    buildtime: buildtime.map(imageName),
    images: images.flatMap((image) => (image === undefined ? [] : [imageName(image)])),
  }
}

function acrExpects({ expect: { error, scan_error, dependencies } }: Case): Expected {
  if (error !== undefined || scan_error !== undefined || dependencies === undefined) return { problem: /./ }
  const [first] = dependencies
  const runtime = nameOf(first?.["runtime-dependency"])
  const buildtime = (first?.["buildtime-dependency"] ?? []).flatMap((image) => nameOf(image) ?? [])
  const images = dependencies.flatMap(({ image }) => nameOf(image) ?? [])
  return { ...none, runtime, buildtime: buildtime.filter((name) => name !== runtime), images }
}

function nameOf(image: z.infer<typeof Reference> | null | undefined): string | undefined {
  if (image === null || image === undefined) return undefined
  const isHub = image.registry === "registry.hub.docker.com"
  if (isHub && image.repository === "library/scratch") return undefined
  const descriptor: ImageDescriptor = {
    registry: isHub ? "docker.io" : image.registry,
    repository: image.repository,
    tag: image.tag,
    ...(image.digest !== "" && { digest: image.digest }),
  }
  return imageName(descriptor)
}

function sameOutcome(acr: Expected, ours: Expected): boolean {
  if ("problem" in acr || "problem" in ours) return "problem" in acr && "problem" in ours
  const sorted = (outcome: typeof acr) => JSON.stringify({ ...outcome, buildtime: outcome.buildtime.toSorted() })
  return sorted(acr) === sorted(ours)
}
