import { describe, expect, test } from "vitest"
import { readBuildCommand } from "../../../../shared/task-file/commands/read-build-command.ts"

const read = (...words: string[]) => {
  const result = readBuildCommand(words)
  if (!result.ok) throw new Error(result.problems.join("\n"))
  return result.command
}
const problemsOf = (...words: string[]) => {
  const result = readBuildCommand(words)
  return result.ok ? [] : result.problems
}

describe("a build command", () => {
  test("has all its options in fields of their own", () => {
    const command = read(
      ...[
        "-f",
        "My Dir/Dockerfile",
        "-t",
        "a:1",
        "--tag=r.io/b",
        "--target",
        "run",
        "--build-arg",
        "A=1=2",
        "--build-arg=B",
      ],
      ...[
        "--no-cache",
        "--pull",
        "--platform",
        "linux/amd64, linux/arm64",
        "--label",
        "l=v",
        "--secret",
        "id=s",
        "--ssh",
        "default",
      ],
      ...[
        "--cache-from",
        "type=registry,ref=x",
        "--cache-to=type=inline",
        "--network",
        "none",
        "--add-host",
        "h:1.2.3.4",
      ],
      ...[
        "--progress",
        "plain",
        "-q",
        "--squash",
        "--push",
        "--build-context",
        "n=dir",
        "--ulimit",
        "nofile=1",
        "--shm-size",
        "1g",
      ],
      ...["-m", "2g", "--output", "type=local,dest=o", "--provenance=false", "--sbom", "true", "--rm=false", "src"],
    )

    expect(command).toEqual({
      context: "src",
      contextIndex: 46,
      file: "My Dir/Dockerfile",
      tags: ["a:1", "r.io/b"],
      target: "run",
      buildArguments: [
        { name: "A", value: "1=2" },
        { name: "B", value: undefined },
      ],
      labels: [{ name: "l", value: "v" }],
      platforms: ["linux/amd64", "linux/arm64"],
      isCacheOff: true,
      isPulling: true,
      isQuiet: true,
      isSquashed: true,
      isPushed: true,
      network: "none",
      progress: "plain",
      hosts: ["h:1.2.3.4"],
      secrets: ["id=s"],
      ssh: ["default"],
      cacheFrom: ["type=registry,ref=x"],
      cacheTo: ["type=inline"],
      outputs: ["type=local,dest=o"],
      contexts: [{ name: "n", value: "dir" }],
      ulimits: ["nofile=1"],
      shmSize: "1g",
      memory: "2g",
      others: [
        { name: "provenance", value: "false" },
        { name: "sbom", value: "true" },
        { name: "rm", value: "false" },
      ],
    })
  })

  test("takes the context wherever it stands", () => {
    expect(read(".", "-t", "a").context).toBe(".")
    expect(read("--no-cache", "https://example.com/r.git#main:dir").context).toBe("https://example.com/r.git#main:dir")
    expect(read("--", "-odd")).toMatchObject({ context: "-odd", contextIndex: 1 })
  })

  test("builds the working directory when it names no context", () => {
    expect(read("-t", "a")).toMatchObject({ context: ".", contextIndex: undefined })
  })

  test("lets the last one count of what can be there once", () => {
    expect(read("-f", "a", "-f", "b", "--no-cache", "--no-cache=false", ".")).toMatchObject({
      file: "b",
      isCacheOff: false,
    })
  })

  test("with several mistakes tells all of them", () => {
    expect(problemsOf("--tagg", "-t", "A B", "a", "b", "--build-arg", "=x")).toEqual([
      "unknown flag: --tagg of docker build. Did you mean --tag?",
      '"docker build" requires exactly 1 argument, the context; here are a, b. Quote what belongs together.',
      'invalid argument "A B" for -t, --tag: invalid reference format.',
      "a --build-arg has no name: write --build-arg NAME=value.",
    ])
  })

  test.each([
    [["-"], /standard input/],
    [[""], /context is empty/],
    [["--build-context", "n", "."], /--build-context/],
    [[".", "--target"], /needs an argument: --target/],
  ])("refuses %j", (words, problem) => {
    expect(problemsOf(...words)).toEqual([expect.stringMatching(problem)])
  })
})
