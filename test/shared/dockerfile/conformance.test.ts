// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are Dockerfile variables
import { readFileSync } from "node:fs"
import { isDeepStrictEqual } from "node:util"
import { describe, expect, test } from "vitest"
import { z } from "zod"
import {
  DockerfileCase,
  dockerfileNameRules,
  dockerfileRules,
  runDockerfileCase,
} from "../../conformance/run-dockerfile-case.ts"

const { cases } = z
  .object({ cases: z.array(DockerfileCase) })
  .parse(JSON.parse(readFileSync(new URL("../../data/conformance/dockerfile-deps.json", import.meta.url), "utf8")))

describe("the 50 cases of ACR's own scanner", () => {
  test.each(cases)("$id gives what ACR gives, or what a named rule says instead", (input) => {
    const { passed, detail } = runDockerfileCase(input)

    expect(passed, detail).toBe(true)
  })

  test("every case that differs from ACR has its rule, and no other case has one", () => {
    const wrong = cases.filter((input) => {
      const { rule, acr, actual } = runDockerfileCase(input)
      const isSame = "problem" in acr && "problem" in actual ? true : isDeepStrictEqual(acr, actual)
      return isSame !== (rule === undefined)
    })

    expect(wrong).toEqual([])
    expect(cases).toHaveLength(50)
  })

  test("rules and readings say why", () => {
    const reasons = [...dockerfileRules.map(({ reason }) => reason), ...Object.values(dockerfileNameRules)]

    expect(reasons.filter((reason) => reason.length < 20)).toEqual([])
  })
})

type Recorded = { registry: string; repository: string; tag: string }
/** A name as ACR records it: a host has a dot, all else is Docker Hub's. */
function recorded(name: string): Recorded {
  const [, host, repository = "", tag = ""] = /^(?:([^/]*\.[^/]*)\/)?(.*?)(?::([^:/]+))?$/.exec(name) ?? []
  return { registry: host ?? "registry.hub.docker.com", repository, tag }
}
const acb = (runtime: string, ...buildtime: string[]) => ({
  dependencies: [
    { image: null, "runtime-dependency": recorded(runtime), "buildtime-dependency": buildtime.map(recorded) },
  ],
})
const on = (runtime: string | undefined, ...buildtime: string[]) => ({ runtime, buildtime, images: [] })
const hub = (name: string) => `docker.io/library/${name}`
const error = { error: "acb refuses it" }

describe("what the rules say of Dockerfiles that are not among the cases", () => {
  test.each<[string, { dockerfile: string; build_args?: string[]; target?: string }, object, object]>([
    [
      "continuations-and-heredocs",
      { dockerfile: "FROM a\nRUN <<-A cat <<'B'\nfrom c\n\tA\nARG x\nfrom d\nB\n" },
      acb("library/d:latest", "library/a:latest", "library/c:latest"),
      on(hub("a:latest")),
    ],
    [
      "continuations-and-heredocs",
      { dockerfile: "# escape=`\nFROM a `\n# why\n\n  AS x\nRUN copy c:\\\nFROM x\n" },
      error,
      on(hub("a:latest")),
    ],
    [
      "continuations-and-heredocs",
      { dockerfile: "FROM a\nRUN cat <<EOF\nFROM b\n" },
      acb("library/b:latest", "library/a:latest"),
      { problem: expect.stringContaining("2: unterminated heredoc EOF") },
    ],
    [
      "from-platform",
      { dockerfile: "ARG P=linux/arm64\nFROM --platform=$P go:1 AS b\nFROM a\nCOPY --from=b / /\n" },
      error,
      on(hub("a:latest"), hub("go:1")),
    ],
    [
      "from-takes-one-or-three-words",
      { dockerfile: "FROM a AS b AS c\n" },
      acb("library/a:latest"),
      { problem: expect.stringContaining("1: FROM requires either one or three arguments") },
    ],
    [
      "the-whole-file-is-read",
      { dockerfile: "FROM a AS s\nFROM b AS s\n", target: "s" },
      acb("library/a:latest"),
      on(hub("b:latest")),
    ],
    [
      "the-whole-file-is-read",
      { dockerfile: "FROM a AS s\nFROM B:\n", target: "s" },
      acb("library/a:latest"),
      { problem: expect.stringContaining('2: invalid image name "B:"') },
    ],
    [
      "what-no-engine-builds",
      { dockerfile: "RUN ls\nFROM a\n" },
      acb("library/a:latest"),
      { problem: expect.stringContaining("1: no build stage") },
    ],
    [
      "what-no-engine-builds",
      { dockerfile: "FROM a AS 1x\n" },
      acb("library/a:latest"),
      { problem: expect.stringContaining("1: invalid name for build stage") },
    ],
    ["build-argument-without-value", { dockerfile: "ARG V=1\nFROM a:$V\n", build_args: ["V"] }, error, on(hub("a:1"))],
    [
      "given-values-are-taken-as-they-are",
      { dockerfile: "ARG V\nFROM a:$V\n", build_args: ['V="1"'] },
      acb("library/a:1"),
      { problem: expect.stringContaining('2: invalid image name "a:"1""') },
    ],
    [
      "arguments-end-with-their-stage",
      { dockerfile: "FROM a${X}\n", build_args: ["X=1"] },
      acb("library/a1:latest"),
      on(hub("a:latest")),
    ],
    [
      "arg-lines-as-engines-read-them",
      { dockerfile: 'ARG A=1 B="${A}.2"\nARG A=3\nFROM a:$B-$A\n' },
      { scan_error: "a:-1" },
      on(hub("a:1.2-3")),
    ],
    ["platform-arguments", { dockerfile: "FROM a:${TARGETOS}1\n" }, acb("library/a:1"), on(hub("a:linux1"))],
    [
      "variables-as-engines-expand-them",
      { dockerfile: "ARG V=1.2.3\nFROM a:${N:-${V%.*}}-${V##*.}-${V/2/x}\n" },
      { scan_error: "a:--" },
      on(hub("a:1.2-3-1.x.3")),
    ],
    [
      "variables-as-engines-expand-them",
      { dockerfile: "FROM a${V:?missing}\n" },
      acb("library/a:latest"),
      { problem: expect.stringContaining("1: V: missing") },
    ],
    [
      "names-without-case",
      { dockerfile: "FROM a AS One\nFROM b\nCOPY --from=ONE / /\nFROM oNE AS Last\n", target: "last" },
      { scan_error: "oNE: repository name must be lowercase" },
      on(hub("a:latest")),
    ],
    [
      "target-must-exist",
      { dockerfile: "FROM a AS b\n", target: "0" },
      acb("library/a:latest"),
      { problem: expect.stringContaining('target stage "0" could not be found') },
    ],
    [
      "copied-images-count",
      { dockerfile: 'FROM a\nCOPY --link --from=r.io/b / /\nRUN --mount=type=bind,"from=c:1",target=/c ls\n' },
      acb("library/a:latest"),
      on(hub("a:latest"), hub("c:1"), "r.io/b:latest"),
    ],
    [
      "copied-images-count",
      { dockerfile: "FROM a\nCOPY --from=b / /\nFROM c AS b\n", target: "" },
      acb("library/c:latest", "library/a:latest"),
      { problem: expect.stringContaining('2: cannot copy from stage "b"') },
    ],
    [
      "reachable-stages-only",
      { dockerfile: "FROM a AS a1\nFROM b AS b1\nFROM c\nCOPY --from=0 / /\n" },
      acb("library/c:latest", "library/a:latest", "library/b:latest"),
      on(hub("c:latest"), hub("a:latest")),
    ],
    [
      "names-as-docker-reads-them",
      { dockerfile: "FROM localhost:5000/x:1\n" },
      acb("localhost:5000/x:1"),
      on("localhost:5000/x:1"),
    ],
    [
      "names-as-docker-reads-them",
      { dockerfile: "FROM my_user/x AS u\nFROM r.io:443/x\nCOPY --from=u / /\n" },
      acb("r.io:443/x", "library/my_user/x:latest"),
      on("r.io:443/x:latest", "docker.io/my_user/x:latest"),
    ],
  ])("%s", (rule, input, acr, expected) => {
    const outcome = runDockerfileCase(DockerfileCase.parse({ id: rule, ...input, expect: acr }))

    expect(outcome.detail).toBe("")
    expect(outcome.actual).toEqual(expected)
    expect(outcome.rule).toContain(rule)
  })

  test("a rule is not named where both readings end alike", () => {
    const dockerfile = "ARG A=1 B=2\nARG A=3\nFROM a-$TARGETARCH:1 AS b\nFROM b AS c\nFROM d AS e\n"
    const input = { dockerfile, build_args: ["TARGETARCH=arm"], target: "c" }

    const outcome = runDockerfileCase(DockerfileCase.parse({ id: "x", ...input, expect: acb("library/a-arm:1") }))

    expect(outcome.actual).toEqual(on(hub("a-arm:1")))
    expect(outcome.passed).toBe(true)
    expect(outcome.rule).toBeUndefined()
  })

  test("one image in two spellings is one, in any order and from any of the hub's names", () => {
    const dockerfile = "FROM docker.io/a AS b\nFROM library/a:latest AS c\nFROM index.docker.io/z\nCOPY --from=b / /\n"
    const acr = acb("index.docker.io/z:latest", "library/a:latest", "docker.io/a:latest")

    const { detail, actual } = runDockerfileCase(DockerfileCase.parse({ id: "x", dockerfile, expect: acr }))

    expect(detail).toBe("")
    expect(actual).toEqual(on(hub("z:latest"), hub("a:latest")))
  })

  test.each([
    ["a case that no rule is about", "FROM a\n", acb("library/b:latest")],
    ["a case that a rule is about", "FROM a\nCOPY --from=b / /\n", acb("library/a:latest", "library/c:latest")],
    ["a mistake that is none", "FROM a\n", error],
  ])("nothing is excused where ACR is said to give what it does not give: %s", (_, dockerfile, acr) => {
    const outcome = runDockerfileCase(DockerfileCase.parse({ id: "wrong", dockerfile, expect: acr }))

    expect(outcome.passed).toBe(false)
    expect(outcome.rule).toBeUndefined()
  })
})
