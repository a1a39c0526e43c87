import { generateKeyPairSync } from "node:crypto"
import { describe, expect, test } from "vitest"
import { taskOn } from "./test-command.ts"

const valid = { "acb.yaml": "steps:\n- cmd: alpine echo hi\n" }

describe("the task command", () => {
  test.each([["--help"], ["-h"], ["help"]])("explains itself with %s", async (word) => {
    const { code, stdout } = await taskOn({}, [word])

    expect(code).toBe(0)
    for (const command of ["exec", "lint", "render"]) expect(stdout).toMatch(new RegExp(`^ +${command} `, "m"))
  })

  test("explains itself and fails when nothing is asked of it", async () => {
    const { code, stdout } = await taskOn({}, [])

    expect(code).toBe(2)
    expect(stdout).toContain("exec|lint|render")
  })

  test("names the command that was probably meant", async () => {
    const { code, stderr } = await taskOn({}, ["lnit"])

    expect(code).toBe(2)
    expect(stderr).toContain("there is no command lnit. Did you mean lint?")
  })

  test.each([["exec"], ["lint"], ["render"]])("explains %s with each of its options", async (command) => {
    const { code, stdout } = await taskOn({}, [command, "--help"])

    expect(code).toBe(0)
    for (const option of ["--file", "--values", "--set", "--set-secret", "--env", "--registry", "--id"])
      expect(stdout).toContain(option)
  })

  test("names the option that was probably meant, every time, and does nothing", async () => {
    const { code, stdout, stderr } = await taskOn(valid, ["exec", "--dru-run", "--timout=4"])

    expect(code).toBe(2)
    expect(stdout).toBe("")
    expect(stderr).toContain("unknown flag: --dru-run of task exec. Did you mean --dry-run?")
    expect(stderr).toContain("unknown flag: --timout of task exec. Did you mean --timeout?")
    expect(stderr).toContain("npm run -s task -- exec --help")
  })

  test.each([
    [["lint", "--values"], "flag needs an argument: --values"],
    [["lint", "one", "two"], "task lint takes one folder; here are one, two."],
    [["lint", "--registry", "https://r.io/x"], "--registry https://r.io/x is no login server"],
    [["lint", "--id", "a/b"], "--id a/b is no run id"],
    [["lint", "--set", "name"], "--set name is no name=value."],
    [["lint", "--set-secret", "NOT_THERE"], "and the environment has no variable NOT_THERE"],
    [["lint", "--values", "a", "--values", "b"], "--values names one file"],
    [["exec", "--timeout", "0"], "--timeout 0 is no number of seconds"],
    [["exec", "--timeout", "soon"], "--timeout soon is no number of seconds"],
    [["exec", "--rights", "socket,priviledged"], "priviledged is no right: socket, privileged, host-network are."],
  ])("refuses the command line %j", async (words, problem) => {
    const { code, stdout, stderr } = await taskOn(valid, words)

    expect(code).toBe(2)
    expect(stdout).toBe("")
    expect(stderr).toContain(problem)
  })

  test("does not repeat the value of a secret that has no name", async () => {
    const { stderr } = await taskOn(valid, ["lint", "--set-secret", "=sup3rs3cret"])

    expect(stderr).toContain("--set-secret =… is no name=value.")
    expect(stderr).not.toContain("sup3rs3cret")
  })

  test.each([
    [["--ssh-key", "absent"], {}, "the file of SLIPWAY_SSH_KEY_FILE cannot be read (ENOENT)"],
    [["--known-hosts", "hosts"], { SLIPWAY_SSH_KEY: "x" }, "SLIPWAY_SSH_KEY is no private key"],
    [["--ssh-key", "key"], { SLIPWAY_SSH_KEY: "x" }, "the SSH key may be shown to no host"],
  ])("says before anything runs that a key cannot be used: %j", async (words, environment, problem) => {
    const key = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "pkcs8", format: "pem" })

    const { code, stderr } = await taskOn({ ...valid, key: String(key) }, ["exec", ...words], { environment })

    expect(code).toBe(1)
    expect(stderr).toContain(problem)
  })

  test("lists every setting that cannot be used", async () => {
    const { code, stderr } = await taskOn(valid, ["lint"], { environment: { SLIPWAY_PORT: "much" } })

    expect(code).toBe(1)
    expect(stderr).toContain("SLIPWAY_PORT")
  })
})
