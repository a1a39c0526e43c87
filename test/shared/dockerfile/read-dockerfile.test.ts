// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are Dockerfile variables
import { describe, expect, test } from "vitest"
import { type DockerfileOptions, readDockerfile } from "../../../shared/dockerfile/read-dockerfile.ts"
import { imageName } from "../../../shared/registry/image-reference.ts"

function read(text: string, options: Partial<DockerfileOptions> = {}) {
  const result = readDockerfile(text, { platform: "linux/amd64", ...options })
  if (!result.ok) return result.problems.map(({ line, message }) => `${line}: ${message}`)
  const { runtime, buildtime } = result.dependencies
  return { runtime: runtime && imageName(runtime), buildtime: buildtime.map(imageName) }
}
const on = (runtime: string | undefined, ...buildtime: string[]) => ({ runtime, buildtime })

describe("what a build stands on", () => {
  test("is the image below the last stage, through any number of stages", () => {
    expect(read("FROM r.io/a:1 AS one\nFROM One AS two\nFROM TWO\n")).toEqual(on("r.io/a:1"))
  })

  test("is nothing for scratch, however the stage is copied from", () => {
    expect(read("FROM r.io/go:1 AS b\nFROM scratch\nCOPY --from=b /x /x\n")).toEqual(on(undefined, "r.io/go:1"))
  })

  test("keeps a digest beside its tag", () => {
    const digest = `sha256:${"a".repeat(64)}`

    expect(read(`FROM r.io/a:1@${digest}`)).toEqual(on(`r.io/a:1@${digest}`))
  })

  test("leaves out stages that nothing needs, and includes what needed stages need", () => {
    const text =
      "FROM r.io/a AS a\nFROM r.io/b AS b\nCOPY --from=0 /x /\nFROM r.io/c AS c\nFROM r.io/d\nCOPY --from=b / /\n"

    expect(read(text)).toEqual(on("r.io/d:latest", "r.io/a:latest", "r.io/b:latest"))
    expect(read(text, { target: "C" })).toEqual(on("r.io/c:latest"))
  })

  test("takes a stage only where it stands above: the first FROM x AS x is the image", () => {
    expect(read("FROM alpine AS alpine\nFROM alpine\n")).toEqual(on("docker.io/library/alpine:latest"))
  })

  test("takes the last of two stages with one name", () => {
    expect(read("FROM r.io/a AS s\nFROM r.io/b AS s\nFROM s\n")).toEqual(on("r.io/b:latest"))
  })

  test("counts images of COPY --from and RUN --mount, in any place among the flags", () => {
    const text = [
      "FROM r.io/a",
      "COPY --chown=1 --from=r.io/b:1 --link /x /y",
      'RUN --network=none --mount=type=bind,"from=r.io/c",target=/c --mount=from=r.io/d,target=/d make',
      "COPY --from=scratch / /",
      "ADD --from=r.io/no /x /y",
      "RUN echo --from=r.io/no && echo --mount=from=r.io/no",
      "ONBUILD COPY --from=r.io/later / /",
    ]

    expect(read(text.join("\n"))).toEqual(on("r.io/a:latest", "r.io/b:1", "r.io/c:latest", "r.io/d:latest"))
  })
})

describe("arguments in FROM", () => {
  test.each([
    ["$V", "1"],
    ["${V}", "1"],
    ["${V:-2}", "1"],
    ["${N:-2}", "2"],
    ["${E:-2}", "2"],
    ["x${E-2}", "x"],
    ["${V:+3}", "3"],
    ["x${N:+3}", "x"],
    ["x${E+3}", "x3"],
    ["${N:-${V}.5}", "1.5"],
    ["${N:-'a'\"b\"}", "ab"],
    ["${LONG#*.}", "2.3"],
    ["${LONG##*.}", "3"],
    ["${LONG%.*}", "1.2"],
    ["${LONG%%.*}", "1"],
    ["${LONG/./-}", "1-2.3"],
    ["${LONG//./-}", "1-2-3"],
    ["$TARGETARCH$TARGETVARIANT", "armv7"],
    ['"$V"', "1"],
    ["a\\b", "ab"],
  ])("%s gives tag %s", (word, tag) => {
    const text = `ARG V=1\nARG N\nARG E=""\nARG LONG=$V.2.3\nFROM r.io/a:${word}\n`

    expect(read(text, { platform: "linux/arm/v7" })).toEqual(on(`r.io/a:${tag}`))
  })

  test("a given value beats a default, also for the engine's own arguments, but needs its ARG", () => {
    const buildArguments = [
      { name: "V", value: "given" },
      { name: "TARGETARCH", value: "mine" },
      { name: "UNDECLARED", value: "x" },
    ]

    expect(read("ARG V=1\nFROM r.io/a:$V-$TARGETARCH", { buildArguments })).toEqual(on("r.io/a:given-mine"))
    expect(read("FROM r.io/a:$UNDECLARED", { buildArguments })).toEqual(['1: invalid image name "r.io/a:"'])
  })

  test("a pattern full of stars ends at once", () => {
    const value = "a".repeat(5000)
    const before = performance.now()

    read(`ARG V=${value}\nFROM r.io/a:\${V%${"*a".repeat(50)}b}\n`)

    expect(performance.now() - before).toBeLessThan(5000)
  })
})

describe("lines", () => {
  test("continuations, comments and empty lines inside an instruction, CRLF, a byte order mark", () => {
    expect(read("\uFEFF# c\r\nFROM \\\r\n  # c\r\n\r\n  r.io/a:1 \\ \r\n AS x\r\nRUN a \\\\\r\nFROM x\r\n")).toEqual(
      on("r.io/a:1"),
    )
  })

  test("the escape directive changes the continuation and leaves backslashes alone", () => {
    expect(read("# escape=`\nFROM `\n r.io/a:1\nRUN dir C:\\\nFROM r.io/b:2\n")).toEqual(on("r.io/b:2"))
    expect(read("# no directive\n# escape=`\nFROM \\\n r.io/a:1\n")).toEqual(on("r.io/a:1"))
  })

  test("bodies of heredocs are no instructions, also two in one line, tabs stripped, quoted, in ONBUILD", () => {
    const text = [
      "FROM r.io/a:1",
      "RUN <<A cat <<-'B' > /x",
      "FROM evil",
      "A",
      "\tFROM evil",
      "\tB",
      'ONBUILD RUN <<"C D"',
      "FROM evil",
      "C D",
      'RUN echo $((1<<2)) <<<x "<<E"',
      "ENV X=<<F",
    ]

    expect(read(text.join("\n"))).toEqual(on("r.io/a:1"))
  })

  test("the syntax image is told apart from dependencies", () => {
    const result = readDockerfile("# syntax=docker/dockerfile:1 extra\nFROM a", { platform: "linux/amd64" })

    expect(result).toMatchObject({
      ok: true,
      syntax: { registry: "docker.io", repository: "docker/dockerfile", tag: "1" },
    })
  })
})

describe("mistakes carry their line", () => {
  test.each([
    ["", "1: no FROM instruction: there is nothing to build"],
    ["ARG V=1\n", "1: no FROM instruction: there is nothing to build"],
    ["RUN x\nFROM a", "1: no build stage in current context: RUN stands before the first FROM"],
    ["FROM", "1: FROM requires either one or three arguments"],
    ["ARG\nFROM a", "1: ARG requires at least one argument"],
    ["FROM a AS 1x", '1: invalid name for build stage: "1x"'],
    ["FROM --foo=1 a", "1: unknown flag: --foo=1"],
    ["# c\n\nFROM Upper", '3: invalid image name "Upper"'],
    ["FROM a:${V", '1: missing } in "a:${V"'],
    ["FROM ${V:?needed}", "1: V: needed"],
    ["FROM a\nCOPY --from=7 / /", "2: invalid stage index 7"],
    ["FROM a AS x\nCOPY --from=x / /", '2: cannot copy from stage "x", it needs to be defined before current stage'],
    [
      "FROM a\nRUN --mount=from=$x ls",
      "2: 'from' doesn't support variable expansion ($x), define a stage with FROM instead",
    ],
    ["FROM a\nRUN <<E\nFROM b", "2: unterminated heredoc E"],
  ])("%j: %s", (text, problem) => {
    expect(read(text)).toContain(problem)
  })

  test("a target that no stage has", () => {
    expect(read("FROM a AS b", { target: "c" })).toEqual(['1: target stage "c" could not be found'])
  })
})
