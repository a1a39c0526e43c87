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
  it("makes a build step and a push step of a DockerBuildRequest", () => {
    expect(read({ arguments: [{ name: "A", value: "1" }], target: "app", noCache: true })).toEqual({
      v: 1,
      steps: [
        {
          type: "build",
          id: "build",
          dockerFilePath: "Dockerfile",
          imageNames: ["hello:v1"],
          arguments: [{ name: "A", value: "1", isSecret: false }],
          noCache: true,
          target: "app",
        },
        { type: "push", id: "push", imageNames: ["hello:v1"] },
      ],
      uploadPath: SOURCE,
      platform: { os: "linux", architecture: "amd64" },
      timeoutSeconds: 3600,
      isSourceRegistryLoginEnabled: true,
      customLogins: [],
      cpu: undefined,
      isArchiveEnabled: false,
    })
  })

  it("pushes nothing when the request says so or names no image", () => {
    expect(read({ isPushEnabled: false }).steps).toHaveLength(1)
    expect(read({ imageNames: [] }).steps).toHaveLength(1)
    expect(read({ imageNames: undefined }).steps).toHaveLength(1)
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
    ["sourceLocation", { sourceLocation: "https://github.com/acme/app.git" }],
    ["agentConfiguration.cpu", { agentConfiguration: { cpu: 0 } }],
    [
      "credentials.customRegistries.x.test",
      { credentials: { customRegistries: { "x.test": { identity: "[system]" } } } },
    ],
    ["type", { type: "FileTaskRunRequest" }],
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

    expect(() => read(wrong)).toThrow(/dockerFilePath.*arguments\.0\.value.*timeout/)
    expect(() => read(wrong)).not.toThrow(/secret/)
  })
})
