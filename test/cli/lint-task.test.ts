import { mkdirSync, symlinkSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import path from "node:path"
import { describe, expect, onTestFinished, test } from "vitest"
import { fakeSecrets } from "../fakes/fake-secrets.ts"
import { folderWith, taskIn, taskOn } from "./test-command.ts"

const valid = "steps:\n- cmd: alpine echo hi\n"

describe("task lint", () => {
  test("says nothing about a file without mistakes", async () => {
    const outcome = await taskOn({ "acb.yaml": valid }, ["lint"])

    expect(outcome).toEqual({ code: 0, stdout: "", stderr: "" })
  })

  test("prints every problem where it is, and fails", async () => {
    const text = "steps:\n- id: a\n  retries: -1\n  cmd: x\n- id: a\n  build: .\n  push: [y]\n"

    const { code, stdout } = await taskOn({ "acb.yaml": text }, ["lint"])

    expect(code).toBe(1)
    expect(stdout.split("\n").filter((line) => line !== "")).toEqual([
      expect.stringMatching(/^acb\.yaml:3:12: step must specify retries >= 0/),
      expect.stringMatching(/^acb\.yaml:5:7: /),
      expect.stringMatching(/^acb\.yaml:7:3: step must only contain a single build, cmd, or push/),
    ])
  })

  test("prints warnings as such, and is content", async () => {
    const text = "steps:\n- cmd: --volume /etc:/etc alpine\n  tiemout: 5\n"

    const { code, stdout } = await taskOn({ "acb.yaml": text }, ["lint"])

    expect(code).toBe(0)
    expect(stdout).toMatch(/^acb\.yaml:3:3: warning: .*tiemout.* Did you mean timeout\?$/m)
    expect(stdout).toMatch(/^acb\.yaml:2:8: warning: --volume \/etc:\/etc: .*path of the machine/m)
  })

  test("gives programs the same as JSON", async () => {
    const text = "steps:\n- cmd: x\n  retries: -1\n  tiemout: 5\n"

    const { code, stdout } = await taskOn({ "acb.yaml": text }, ["lint", "--json"])

    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toEqual([
      {
        file: "acb.yaml",
        line: 3,
        column: 12,
        severity: "error",
        message: expect.stringContaining("retries"),
      },
      { file: "acb.yaml", line: 4, column: 3, severity: "warning", message: expect.stringContaining("tiemout") },
    ])
  })

  test("gives programs an empty list when there is nothing to say", async () => {
    const { stdout } = await taskOn({ "acb.yaml": valid }, ["lint", "--json"])

    expect(JSON.parse(stdout)).toEqual([])
  })

  test("looks for the file below the folder that is named, and calls it as it is found from here", async () => {
    const files = { "app/ci/task.yaml": "steps:\n- push: x\n", "ci/task.yaml": valid }

    const { code, stdout } = await taskOn(files, ["lint", "-f", "ci/task.yaml", "app"])

    expect(code).toBe(1)
    expect(stdout).toMatch(/^app\/ci\/task\.yaml:2:9: /)
  })

  test("finds a file that is not below the folder from here", async () => {
    const { stdout } = await taskOn({ "app/x": "", "task.yaml": "steps:\n- push: x\n" }, [
      "lint",
      "-f=task.yaml",
      "app",
    ])

    expect(stdout).toMatch(/^task\.yaml:2:9: /)
  })

  test("reads standard input", async () => {
    const { code, stdout } = await taskOn({}, ["lint", "-f", "-"], { input: "steps:\n- push: x\n" })

    expect(code).toBe(1)
    expect(stdout).toMatch(/^stdin:2:9: /)
  })

  test("tells every file that is not there", async () => {
    const { code, stderr } = await taskOn({ "dir/x": "" }, ["lint", "-f", "dir", "--values", "values.yaml"])

    expect(code).toBe(1)
    expect(stderr).toContain("cannot read dir: it is a folder")
    expect(stderr).toContain("cannot read values.yaml: there is no such file")
  })

  test("tells a folder that is none", async () => {
    const { code, stderr } = await taskOn({ "acb.yaml": valid }, ["lint", "nowhere"])

    expect(code).toBe(1)
    expect(stderr).toContain("nowhere is no folder")
  })

  test("places a mistake in the values where they are", async () => {
    const files = { "acb.yaml": valid, "values.yaml": "a: 1\nb: [\n" }

    const { code, stdout } = await taskOn(files, ["lint", "--values", "values.yaml"])

    expect(code).toBe(1)
    expect(stdout).toMatch(/^values\.yaml:\d+:\d+: failed to deserialize values: /)
  })

  test("places a mistake in a template in the user's own text", async () => {
    const { stdout } = await taskOn({ "acb.yaml": "# first\nsteps:\n- cmd: x {{ .Values.a.b }}\n" }, ["lint"])

    expect(stdout).toMatch(/^acb\.yaml:3:\d+: error while rendering templates: /)
  })

  test("places the first byte that is no text", async () => {
    const { code, stdout } = await taskOn({}, ["lint", "-f", "-"], {
      input: Buffer.from("steps:\n- cmd: \xff", "latin1"),
    })

    expect(code).toBe(1)
    expect(stdout).toMatch(/^stdin:2:8: the task file is not UTF-8: byte 0xff/)
  })

  test("masks secret values in what it prints", async () => {
    const files = { "acb.yaml": "steps:\n- cmd: x\n  id: 'a {{.Values.pw}}'\n" }

    const { code, stdout } = await taskOn(files, ["lint", "--set-secret", "pw=sup3rs3cret"])

    expect(code).toBe(1)
    expect(stdout).not.toContain("sup3rs3cret")
  })

  test("refuses a vault's secret as running the task does", async () => {
    const text = `secrets:\n- id: pw\n  keyvault: https://v.vault.azure.net/secrets/pw\nsteps:\n- cmd: x {{.Secrets.pw}}\n`

    const { code, stdout } = await taskOn({ "acb.yaml": text }, ["lint"])

    expect(code).toBe(1)
    expect(stdout).toContain("--set-secret name=value")
  })

  test("masks what a vault gives in what it says", async () => {
    const url = "https://v.vault.azure.net/secrets/pw"
    const secrets = fakeSecrets({ [url]: { ok: true, value: "s3cret-of-the-vault" } })
    const text = `secrets:\n- id: pw\n  keyvault: ${url}\nsteps:\n- cmd: x\n  {{.Secrets.pw}}: 1\n`

    const { code, stdout } = await taskOn({ "acb.yaml": text }, ["lint"], { secrets })

    expect(code).toBe(0)
    expect(stdout).toMatch(/^acb\.yaml:6:3: warning: .*\*\*\*/m)
    expect(stdout).not.toContain("s3cret-of-the-vault")
  })

  test("loads files of aliases from the folder, and none from elsewhere", async () => {
    const text = "version: v1.1.0\nalias:\n  src: [names.yaml, ../outside.yaml, link.yaml]\nsteps:\n- cmd: $box\n"
    const folder = folderWith({ "names.yaml": "box: busybox\n", "other/x": "", "app/names.yaml": "box: busybox\n" })
    mkdirSync(path.join(folder, "app"), { recursive: true })
    symlinkSync(path.join(folder, "names.yaml"), path.join(folder, "app", "link.yaml"))

    const { code, stdout } = await taskIn(folder, ["lint", "-f", "-", "app"], { input: text })

    expect(code).toBe(1)
    expect(stdout).toMatch(/^stdin:3:21: \.\.\/outside\.yaml: .*no path of the run/m)
    expect(stdout).toMatch(/^stdin:3:38: link\.yaml: .*leads out/m)
    expect(stdout).not.toContain("names.yaml: ")
  })

  test("loads files of aliases from a server of this machine", async () => {
    const server = createServer((request, answer) => {
      answer.statusCode = request.url === "/names" ? 200 : 404
      answer.end("box: busybox\n")
    })
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()))
    onTestFinished(() => void server.close())
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const text = (name: string) => `version: v1.1.0\nalias:\n  src: [${url}/${name}]\nsteps:\n- cmd: $box\n`

    const found = await taskOn({ "acb.yaml": text("names") }, ["render"])
    const missing = await taskOn({ "acb.yaml": text("nothing") }, ["lint"])

    expect(found.stdout).toContain("cmd: busybox")
    expect(missing).toMatchObject({ code: 1, stdout: expect.stringContaining("the server answered 404.") })
  })
})
