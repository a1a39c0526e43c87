import { execFile } from "node:child_process"
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { conformance, type WithWorld } from "../../scripts/conformance.ts"
import type { WholeWorld } from "../conformance/run-whole-case.ts"

const root = fileURLToPath(new URL("../..", import.meta.url))
const data = fileURLToPath(new URL("../data/conformance", import.meta.url))
const noWorld: WithWorld = async () => {
  throw new Error("no engine answers")
}

/** Whole runs of nothing pass in it, all others fail: its engine is not there. */
const useless: WholeWorld = {
  choice: { dialect: "docker", command: "/no/docker", version: "", env: {}, cache: "none", reason: "" },
  registry: "127.0.0.1:1",
  insecureRegistries: [],
}

async function run(args: string[], withWorld = noWorld): Promise<{ lines: string[]; last: string; exitCode: number }> {
  const lines: string[] = []
  const exitCode = await conformance(args, (line) => lines.push(line), withWorld)
  return { lines, last: lines.at(-1) ?? "", exitCode }
}

let folder: string
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "conformance-"))
})
afterEach(() => rmSync(folder, { recursive: true }))

function write(name: string, content: unknown): string {
  const file = path.join(folder, name)
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content))
  return file
}

const template = { id: "t", kind: "shell-quote", template: "a b", expect: { output: "'a b'" } }
const context = { id: "c", kind: "fragment", input: ["main:src"], expect: { ref: "main", subdir: "src" } }
const command = { id: "w", kind: "workdir", input: ["x"], expect: { workdir: "/workspace/x" } }

describe("the recorded cases", () => {
  test("all pass, those that differ from ACR under a named rule", async () => {
    const files = readdirSync(data).filter((name) => name.endsWith(".json"))

    const { lines, last, exitCode } = await run(files.map((name) => path.join(data, name)))

    expect(files).toHaveLength(7)
    expect(last).toBe("954 passed, 0 failed")
    expect(exitCode).toBe(0)
    expect(lines).toContain(`rule from-platform: ${path.join(data, "dockerfile-deps.json")} platform-noalias`)
    expect(lines.slice(0, -1).filter((line) => !line.startsWith("rule "))).toEqual([])
  })

  test("run as a program, with paths of who typed them", async () => {
    const options = { cwd: root, env: { ...process.env, INIT_CWD: data } }

    const { stdout } = await promisify(execFile)(process.execPath, ["scripts/conformance.ts", "contexts.json"], options)

    expect(stdout).toMatch(/\n76 passed, 0 failed\n$/)
  })

  test("make the program fail when one fails", async () => {
    const file = write("x.json", { cases: [{ ...template, expect: { output: "a b" } }] })
    const options = { cwd: root, env: { ...process.env, INIT_CWD: root } }

    const failing = promisify(execFile)(process.execPath, ["scripts/conformance.ts", file], options)

    await expect(failing).rejects.toMatchObject({ code: 1, stdout: expect.stringMatching(/\n0 passed, 1 failed\n$/) })
  })
})

describe("files of other names and parts", () => {
  test("are told by what they hold, in any mixture", async () => {
    write("a/one.json", { cases: [template, context] })
    write("a/two.json", [command, { Name: "upper", Sig: "func(string) string" }])
    write("b/some.json", { backoff_ms: [{ attempt: 0, ms: 250 }], go_template_builtins: ["and", "break"] })
    write("b/notes.txt", "not looked at")

    const { lines, exitCode } = await run([folder])

    expect(lines).toEqual([
      expect.stringMatching(/^rule registries-are-given-time: .*some\.json backoff_ms 0$/),
      "7 passed, 0 failed",
    ])
    expect(exitCode).toBe(0)
  })

  test.each([
    ["a template", { ...template, expect: { output: "a b" } }, `output is "'a b'" and not "a b"`],
    ["a template's error", { ...template, expect: { error: "x" } }, "error is undefined"],
    ["a context", { ...context, expect: { ref: "main", subdir: "x" } }, 'subdir is "src" and not "x"'],
    ["a command", { ...command, expect: { workdir: "/x" } }, 'workdir is "/workspace/x" and not "/x"'],
    ["a function", { Name: "upper", Sig: "func(int) string" }, '"func(string) string" and not "func(int) string"'],
    ["a function that is none", { Name: "constructor", Sig: "" }, "false and not"],
    ["a Dockerfile", { id: "d", dockerfile: "FROM a\n", expect: { error: "x" } }, 'runtime is "docker.io/library/a'],
    [
      "a task file",
      {
        id: "f",
        task: "steps:\n- cmd: x\n",
        run: {},
        expect: { found_version: "v1.1.0", alias_enabled: true, error: "x" },
      },
      'foundVersion is "" and not "v1.1.0"',
    ],
    ["something else", { id: "e", kind: "weather" }, "is no case of a known kind"],
  ])("a wrong expectation fails and is named: %s", async (_, wrong, difference) => {
    const file = write("x.json", { cases: [template, wrong] })

    const { lines, last, exitCode } = await run([file])

    expect(lines).toHaveLength(2)
    expect(lines[0]).toContain(`failed ${file} ${"id" in wrong ? wrong.id : wrong.Name}: `)
    expect(lines[0]).toContain(difference)
    expect(last).toBe("1 passed, 1 failed")
    expect(exitCode).toBe(1)
  })

  test("a wrong expectation in a file of parts fails and is named", async () => {
    const file = write("x.json", { find_version: [{ task: "version: v1", expected: "v2" }], sprig_functions: ["nope"] })

    const { lines } = await run([file])

    expect(lines).toEqual([
      `failed ${file} find_version 0: "v1" and not "v2"`,
      `failed ${file} function nope: there is no such function`,
      "0 passed, 2 failed",
    ])
  })

  test.each([
    ["an unknown format", "x.json", { weather: "fine" }, "is of no known format"],
    ["a text", "x.json", '"text"', "is of no known format"],
    ["no JSON", "x.json", "{", "cannot be read: "],
    ["a part of another shape", "x.json", { backoff_ms: [1] }, "backoff_ms"],
  ])("%s counts as one failed", async (_, name, content, reason) => {
    const file = write(name, content)

    const { lines, last, exitCode } = await run([file])

    expect(lines.slice(0, -1).join("\n")).toMatch(new RegExp(`^failed ${file} -: .*${reason}`, "s"))
    expect(last).toBe("0 passed, 1 failed")
    expect(exitCode).toBe(1)
  })

  test("a path that is not there and a folder of nothing count as failed", async () => {
    const { lines, last } = await run([path.join(folder, "nowhere"), folder])

    expect(lines[0]).toContain("cannot be read: ENOENT")
    expect(lines[1]).toBe(`failed ${folder} -: holds no cases`)
    expect(last).toBe("0 passed, 2 failed")
  })

  test("an empty list passes nothing, so the exit code says so", async () => {
    const { lines, exitCode } = await run([write("x.json", { cases: [] }), write("y.json", [])])

    expect(lines).toEqual(["0 passed, 0 failed"])
    expect(exitCode).toBe(1)
  })

  test.each([[[]], [["x.json", "--engine", "lxc"]], [["--verbose", "x.json"]]])(
    "arguments that make no sense are answered by the usage: %j",
    async (args) => {
      const { lines, exitCode } = await run(args)

      expect(lines).toEqual([expect.stringContaining("usage: "), "0 passed, 0 failed"])
      expect(exitCode).toBe(1)
    },
  )
})

describe("whole runs", () => {
  test("fail with the reason when no engine answers, and leave the other cases alone", async () => {
    const count = readdirSync(path.join(data, "whole")).length
    const file = write("x.json", [template])

    const { lines, last } = await run([path.join(data, "whole"), file])

    expect(lines).toContain(`failed ${path.join(data, "whole", "30-empty")} 30-empty: no engine answers`)
    expect(last).toBe(`1 passed, ${count} failed`)
  })

  test("share one world, made for the engine that was asked for and only when there are some", async () => {
    const worlds: (string | undefined)[] = []
    const counting: WithWorld = (engine, use) => {
      worlds.push(engine)
      return use(useless)
    }
    const folders = ["15-alias", "30-empty/case.json"].map((name) => path.join(data, "whole", name))

    await run([write("x.json", [template]), "--engine", "podman"], counting)
    const { lines } = await run([...folders, "--engine", "podman"], counting)

    expect(worlds).toEqual(["podman"])
    expect(lines[0]).toContain(`failed ${folders[0]} 15-alias: exit code 1 and not 0`)
    expect(lines.slice(1)).toEqual(["1 passed, 1 failed"])
  })

  test("that have run are counted as they ended, though the world ends badly", async () => {
    const broken: WithWorld = async (_, use) => {
      await use(useless)
      throw new Error("it does not stop")
    }

    const { lines } = await run([path.join(data, "whole", "30-empty")], broken)

    expect(lines).toEqual(["the engine's world did not end well: it does not stop", "1 passed, 0 failed"])
  })
})
