import { describe, expect, test } from "vitest"
import { taskOn } from "./test-command.ts"

describe("task exec --dry-run", () => {
  test("prints the steps in order, each with what it would run", async () => {
    const text = [
      "version: v1.1.0",
      "env: [SHARED=1]",
      "volumes:",
      "- name: keys",
      "  secret: {a.txt: c2VjcmV0, b.txt: c2VjcmV0}",
      "steps:",
      "- id: image",
      "  build: -t $Registry/app:{{.Values.tag}} .",
      "  retries: 2",
      "- id: test",
      "  when: ['-']",
      "  cmd: bash -c 'make {{.Values.pw}}'",
      "  env: [OWN=2]",
      "  workingDirectory: sub",
      "- push: ['$Registry/app:{{.Values.tag}}', $Registry/app]",
      "  when: [image, test]",
    ].join("\n")
    const words = ["exec", "--dry-run", "--registry", "r.io", "--set", "tag=v1", "--set-secret", "pw=sup3rs3cret"]

    const { code, stdout, stderr } = await taskOn({ "acb.yaml": text }, words)

    expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
    expect(stdout.split("\n")).toEqual([
      "network acb_default_network (bridge)",
      "volume keys: a.txt, b.txt",
      "1. image: build, at once",
      "     docker build -t r.io/app:v1 .",
      "     timeout 600 s; 2 retries, 5 s apart; network acb_default_network",
      "     environment: SHARED",
      "2. test: cmd, at once",
      expect.stringMatching(/^ {5}docker run mcr\.microsoft\.com\/acr\/bash:\S+ -c 'make \*\*\*'$/),
      "     timeout 600 s; in sub; network acb_default_network",
      "     environment: OWN, SHARED",
      "3. acb_step_2: push, after image, test",
      "     docker push r.io/app:v1",
      "     docker push r.io/app:latest",
      "     timeout 600 s; network acb_default_network",
      "     environment: SHARED",
      "",
    ])
  })

  test("says which texts a shell reads", async () => {
    const { stdout } = await taskOn({ "acb.yaml": "steps:\n- cmd: |\n    alpine ls\n    echo $HOME\n" }, [
      "exec",
      "--dry-run",
    ])

    expect(stdout).toContain("     docker run alpine ls\n       echo $HOME\n     read by a sandboxed shell: ")
  })

  test("fails on what would be refused, and names what allows it", async () => {
    const text = "steps:\n- cmd: alpine\n  privileged: true\n- cmd: --network host alpine\n- build: -t UPPER .\n"

    const { code, stdout } = await taskOn({ "acb.yaml": text }, ["exec", "--dry-run"])

    expect(code).toBe(1)
    expect(stdout).toMatch(/refused: .*SLIPWAY_STEP_RIGHTS=privileged/)
    expect(stdout).toMatch(/refused: .*SLIPWAY_STEP_RIGHTS=host-network/)
    expect(stdout).toMatch(/refused: invalid argument "UPPER"/)
  })

  test.each([
    ["the command line", ["--rights", "privileged"], {}],
    ["the setting that builders have", [], { SLIPWAY_STEP_RIGHTS: "socket, privileged" }],
  ])("takes rights from %s", async (_, words, environment) => {
    const text = "steps:\n- cmd: alpine\n  privileged: true\n"

    const { code, stdout } = await taskOn({ "acb.yaml": text }, ["exec", "--dry-run", ...words], { environment })

    expect(code).toBe(0)
    expect(stdout).not.toContain("refused")
  })

  test("says that there are no steps", async () => {
    const { code, stdout } = await taskOn({ "acb.yaml": "version: v1.0.0\n" }, ["exec", "--dry-run"])

    expect(code).toBe(0)
    expect(stdout).toContain("no steps")
  })
})

describe("task exec", () => {
  test("tells every problem of the file before it looks for an engine, in acb's last words", async () => {
    const text = "steps:\n- cmd: x\n  retries: -1\n  repeat: -1\n"

    const { code, stdout, stderr } = await taskOn({ "acb.yaml": text }, ["exec"])

    const lines = stderr.trimEnd().split("\n")
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" })
    expect(lines.slice(0, 2)).toEqual([
      expect.stringMatching(/^acb\.yaml:3:12: /),
      expect.stringMatching(/^acb\.yaml:4:11: /),
    ])
    expect(lines[2]).toBe(`failed to unmarshal task before running: ${lines[0]}`)
  })

  test("says which login it lacks", async () => {
    const environment = { HOME: "/nowhere" }

    const { code, stderr } = await taskOn({ "acb.yaml": "steps:\n- cmd: x\n" }, ["exec", "--login", "r.io"], {
      environment,
    })

    expect(code).toBe(1)
    expect(stderr).toContain("there is no login for r.io: docker login r.io")
  })
})
