import { describe, expect, test } from "vitest"
import { fakeSecrets } from "../fakes/fake-secrets.ts"
import { taskOn } from "./test-command.ts"

describe("task render", () => {
  test("prints the text with aliases and templates filled in", async () => {
    const text = [
      "version: v1.1.0",
      "# gone",
      "alias:",
      "  values: {box: 'busybox:{{.Values.tag}}'}",
      "steps:",
      "- cmd: $box echo {{.Run.ID}} {{.Run.Registry}} {{.Run.Date}} {{.Run.OS}}",
    ].join("\n")

    const outcome = await taskOn({ "acb.yaml": text }, ["render", "--set", "tag=1", "--id", "ca7", "--registry=r.io"])

    expect(outcome).toMatchObject({ code: 0, stderr: "" })
    expect(outcome.stdout).toBe("version: v1.1.0\nsteps:\n- cmd: busybox:1 echo ca7 r.io 20260102-030405z linux\n")
  })

  test("lays values of the command line over those of the file, the last one of a name above all", async () => {
    const files = {
      "acb.yaml": "steps:\n- cmd: x {{.Values.a}} {{.Values.b}} {{.Values.c.d}}\n",
      "values.yaml": "a: file\nb: file\nc: {d: nested}\n",
    }

    const words = ["render", "--values", "values.yaml", "--set", "b=first", "--set", "b=x=y"]
    const { stdout } = await taskOn(files, words)

    expect(stdout).toContain("cmd: x file x=y nested")
  })

  test("masks secret values in every form, also those from the environment", async () => {
    const text = "steps:\n- cmd: x {{.Values.one}} {{.Values.one | b64enc}} {{.Values.PW}}\n"
    const words = ["render", "--set-secret", "one=sup3rs3cret", "--set-secret", "PW"]

    const { code, stdout } = await taskOn({ "acb.yaml": text }, words, { environment: { PW: "fr0m-outside" } })

    expect(code).toBe(0)
    expect(stdout).toContain("cmd: x *** *** ***")
  })

  test("masks files of secret volumes and secrets of a vault", async () => {
    const content = Buffer.from("file-content").toString("base64")
    const text = [
      "secrets:",
      "- id: pw",
      "  keyvault: https://v.vault.azure.net/secrets/pw",
      "volumes:",
      "- name: v",
      `  secret: {file: ${content}}`,
      "steps:",
      "- cmd: x {{.Secrets.pw}}",
    ].join("\n")

    const { code, stdout } = await taskOn({ "acb.yaml": text }, ["render"])

    expect(code).toBe(0)
    expect(stdout).toContain("secret: {file: ***}")
    expect(stdout).toContain("cmd: x ***")
  })

  test("reads no vault", async () => {
    const secrets = fakeSecrets()
    const text = `secrets:\n- id: pw\n  keyvault: https://v.vault.azure.net/secrets/pw\nsteps:\n- cmd: x {{.Secrets.pw}}\n`

    const { code } = await taskOn({ "acb.yaml": text }, ["render"], { secrets })

    expect(code).toBe(0)
    expect(secrets.asked).toEqual([])
  })

  test("prints what was rendered although it is no task, with its problems beside it", async () => {
    const { code, stdout, stderr } = await taskOn({ "acb.yaml": "steps:\n- push: {{.Run.OS}}\n" }, ["render"])

    expect(code).toBe(1)
    expect(stdout).toBe("steps:\n- push: linux\n")
    expect(stderr).toMatch(/^acb\.yaml:2:9: /)
  })

  test("prints nothing of what cannot be rendered", async () => {
    const { code, stdout, stderr } = await taskOn({ "acb.yaml": "steps:\n- cmd: {{ nope }}\n" }, ["render"])

    expect(code).toBe(1)
    expect(stdout).toBe("")
    expect(stderr).toMatch(/^acb\.yaml:2:\d+: .*nope/)
  })

  test("names images of a registry that cannot exist where there is none", async () => {
    const { stdout } = await taskOn({ "acb.yaml": "version: v1.1.0\nsteps:\n- cmd: $Registry/x\n" }, ["render"])

    expect(stdout).toContain("cmd: registry.example/x")
  })
})
