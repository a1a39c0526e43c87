import { describe, expect, it } from "vitest"
import { readRunRequest } from "../../../shared/arm/read-run-request.ts"

const LIMITS = { minSeconds: 300, defaultSeconds: 3600, maxSeconds: 28_800 }
const SOURCE = "source/202611210000/01234567-89ab-cdef-0123-456789abcdef.tar.gz"
const body = (changes: object = {}) => ({
  type: "DockerBuildRequest",
  dockerFilePath: "Dockerfile",
  platform: { os: "linux" },
  sourceLocation: SOURCE,
  imageNames: ["hello:v1"],
  ...changes,
})
const read = (changes?: object) => readRunRequest(body(changes), LIMITS)

describe("readRunRequest", () => {
  it("reads a DockerBuildRequest with its defaults", () => {
    expect(read({ arguments: [{ name: "A", value: "1" }], target: "app", noCache: true })).toEqual({
      v: 2,
      work: {
        type: "build",
        dockerFilePath: "Dockerfile",
        imageNames: ["hello:v1"],
        isPushed: true,
        arguments: [{ name: "A", value: "1", isSecret: false }],
        noCache: true,
        target: "app",
      },
      source: { type: "upload", path: SOURCE },
      platform: { os: "linux", architecture: "amd64" },
      timeoutSeconds: 3600,
      isSourceRegistryLoginEnabled: true,
      customLogins: [],
      cpu: undefined,
      isArchiveEnabled: false,
    })
  })

  it("pushes nothing when the request says so or names no image", () => {
    for (const changes of [{ isPushEnabled: false }, { imageNames: [] }, { imageNames: undefined }]) {
      expect(read(changes).work).toMatchObject({ isPushed: false })
    }
  })

  it("takes null for absent, ignores what it does not know, and echoes enums as sent", () => {
    const request = read({
      target: null,
      timeout: null,
      unknown: { x: 1 },
      platform: { os: "Linux", architecture: "ARM64", variant: null },
    })

    expect(request.platform).toEqual({ os: "Linux", architecture: "ARM64" })
    expect(request.timeoutSeconds).toBe(3600)
  })

  it("reads opaque logins of other registries, and no login for the source registry", () => {
    const secret = (value: string) => ({ type: "Opaque", value })
    const request = read({
      credentials: {
        sourceRegistry: { loginMode: "None" },
        customRegistries: { "other.test": { userName: secret("me"), password: secret("pw") } },
      },
    })

    expect(request.isSourceRegistryLoginEnabled).toBe(false)
    expect(request.customLogins).toEqual([{ loginServer: "other.test", userName: "me", password: "pw" }])
  })

  const withRegistry = (name: string) => {
    const secret = { type: "Opaque", value: "x" }
    return { credentials: { customRegistries: { [name]: { userName: secret, password: secret } } } }
  }

  it.each([
    "other.test",
    "Other.Test",
    "localhost",
    "other.test:5000",
    "10.0.0.5:65535",
    "[::1]:5000",
    "[fd00::7]",
    "a-b.c--d.test",
  ])("takes %s for a login server", (name) => {
    expect(read(withRegistry(name)).customLogins.map(({ loginServer }) => loginServer)).toEqual([name])
  })

  it.each([
    "*",
    "*.test",
    "*:443",
    "",
    " other.test",
    "other.test ",
    "other.test\n",
    "https://other.test",
    "other.test/team",
    "other.test:",
    "other.test:port",
    "other.test:65536",
    "me@other.test",
    "-other.test",
    "other..test",
    "other_registry.test",
    "::1",
    "[::g]",
    "999.0.0.1",
    "a,b",
    `${"a".repeat(300)}.test`,
  ])("refuses %j, which is no login server", (name) => {
    const target = `credentials.customRegistries.${name}`

    expect(() => read(withRegistry(name))).toThrow(expect.objectContaining({ code: "InvalidRequestContent", target }))
  })

  it("reads a task file of the sources, with values", () => {
    const request = read({
      type: "FileTaskRunRequest",
      taskFilePath: "ci/acb.yaml",
      valuesFilePath: "values.yaml",
      values: [{ name: "a", value: "b", isSecret: true }],
    })

    expect(request.work).toEqual({
      type: "task",
      file: { path: "ci/acb.yaml" },
      valuesFile: { path: "values.yaml" },
      values: [{ name: "a", value: "b", isSecret: true }],
    })
  })

  it("reads a task file that comes along, and needs no sources for it", () => {
    const encoded = (text: string) => Buffer.from(text).toString("base64")
    const request = read({
      type: "EncodedTaskRunRequest",
      encodedTaskContent: encoded("steps: [] # ü"),
      encodedValuesContent: encoded("a: 1"),
      sourceLocation: undefined,
    })

    expect(request.work).toEqual({
      type: "task",
      file: { text: "steps: [] # ü" },
      valuesFile: { text: "a: 1" },
      values: [],
    })
    expect(request.source).toEqual({ type: "none" })
  })

  it.each([
    ["/dev/null", { type: "none" }],
    [
      "https://me:pass@git.test/a/b.git#main:sub",
      {
        type: "remote",
        location: "https://git.test/a/b.git#main:sub",
        secrets: { login: { userName: "me", password: "pass" } },
      },
    ],
    [
      "https://files.test/a.tar.gz?sv=1&sig=abc",
      { type: "remote", location: "https://files.test/a.tar.gz?sv=1", secrets: { query: "sig=abc" } },
    ],
    ["github.com/acme/app", { type: "remote", location: "github.com/acme/app", secrets: {} }],
    ["oci://reg.test/a/b:1", { type: "remote", location: "oci://reg.test/a/b:1", secrets: {} }],
    ["somewhere", { type: "upload", path: "somewhere" }],
  ])("takes the secrets out of the source location %s", (sourceLocation, source) => {
    expect(read({ sourceLocation }).source).toEqual(source)
  })

  it.each([
    ["dockerFilePath", { dockerFilePath: undefined }],
    ["dockerFilePath", { dockerFilePath: 5 }],
    ["platform", { platform: undefined }],
    ["platform.os", { platform: { os: "plan9" } }],
    ["platform.os", { platform: { os: "Windows" } }],
    ["platform.architecture", { platform: { os: "linux", architecture: "sparc" } }],
    ["timeout", { timeout: 299 }],
    ["timeout", { timeout: 28_801 }],
    ["timeout", { timeout: 300.5 }],
    ["timeout", { timeout: "300" }],
    ["imageNames", { imageNames: "hello" }],
    ["imageNames.1", { imageNames: ["a", 7] }],
    ["arguments.0.name", { arguments: [{ value: "x" }] }],
    ["arguments.0.name", { arguments: [{ name: "A=B", value: "x" }] }],
    ["isPushEnabled", { isPushEnabled: "yes" }],
    ["sourceLocation", { sourceLocation: undefined }],
    ["sourceLocation", { sourceLocation: "git://github.com/acme/app.git" }],
    ["sourceLocation", { sourceLocation: "file:///etc/passwd" }],
    ["platform.variant", { platform: { os: "linux", architecture: "amd64", variant: "v7" } }],
    ["platform.variant", { platform: { os: "linux", architecture: "arm64", variant: "v6" } }],
    ["agentConfiguration.cpu", { agentConfiguration: { cpu: 0 } }],
    [
      "credentials.customRegistries.x.test",
      { credentials: { customRegistries: { "x.test": { userName: { value: "me" } } } } },
    ],
    ["taskFilePath", { type: "FileTaskRunRequest" }],
    ["sourceLocation", { type: "FileTaskRunRequest", taskFilePath: "acb.yaml", sourceLocation: null }],
    ["encodedTaskContent", { type: "EncodedTaskRunRequest" }],
    ["encodedTaskContent", { type: "EncodedTaskRunRequest", encodedTaskContent: "no base64!" }],
    ["encodedTaskContent", { type: "EncodedTaskRunRequest", encodedTaskContent: "//79" }],
    ["encodedTaskContent", { type: "EncodedTaskRunRequest", encodedTaskContent: "YQ==".repeat(400_000) }],
    ["encodedValuesContent", { type: "EncodedTaskRunRequest", encodedTaskContent: "YQ==", encodedValuesContent: "%" }],
    ["values.0.name", { type: "EncodedTaskRunRequest", encodedTaskContent: "YQ==", values: [{ value: "x" }] }],
    ["type", { type: "TaskRunRequest" }],
    ["agentPoolName", { agentPoolName: "gpu" }],
    ["type", { type: "Nonsense" }],
    ["type", { type: undefined }],
  ])("refuses a wrong %s and names it", (target, changes) => {
    expect(() => read(changes)).toThrow(expect.objectContaining({ code: "InvalidRequestContent", target }))
  })

  it.each([
    ["null", null],
    ["a list", []],
    ["a text", "x"],
  ])("refuses a body that is %s", (_, content) => {
    expect(() => readRunRequest(content, LIMITS)).toThrow(expect.objectContaining({ code: "InvalidRequestContent" }))
  })

  it("refuses a body that is nested without end", () => {
    const nested = JSON.parse("[".repeat(50_000) + "]".repeat(50_000))

    expect(() => readRunRequest(nested, LIMITS)).toThrow(expect.objectContaining({ code: "InvalidRequestContent" }))
  })

  it("names every wrong field at once and repeats no value", () => {
    const wrong = { dockerFilePath: 1, timeout: "secret-1", arguments: [{ name: "A", value: ["secret-2"] }] }

    expect(() => read(wrong)).toThrow(/timeout.*dockerFilePath.*arguments\.0\.value/)
    expect(() => read(wrong)).not.toThrow(/secret/)
  })
})
