import { describe, expect, test } from "vitest"
import { argumentLine, isReservedArgument, withReservedArguments } from "../../../builder/engine/reserved-arguments.ts"

test.each([
  "PATH",
  "HOME",
  "DOCKER_HOST",
  "DOCKER_CONFIG",
  "LD_PRELOAD",
  "LD_LIBRARY_PATH",
  "GODEBUG",
  "SSL_CERT_FILE",
  "TMPDIR",
  "http_proxy",
  "HTTPS_PROXY",
  "no_proxy",
  "CONTAINERS_CONF",
  "CONTAINER_HOST",
  "REGISTRY_AUTH_FILE",
  "STORAGE_DRIVER",
  "BUILDAH_FORMAT",
  "XDG_RUNTIME_DIR",
  "_CONTAINERS_USERNS_CONFIGURED",
  "with space",
  "a.b",
  "",
  "container",
])("%j never becomes environment", (name) => {
  expect(isReservedArgument(name)).toBe(true)
})

test.each(["VERSION", "build_number", "HOMEPAGE", "PATHS", "NODE_ENV", "Container", "GOVERSION", "registry"])(
  "%j may",
  (name) => {
    expect(isReservedArgument(name)).toBe(false)
  },
)

describe("the Dockerfile that podman gets", () => {
  test("declares each value again behind its ARG, in every stage, and proxies in all stages", () => {
    const text = "ARG HOME=/a\nFROM a\nARG X HOME=/b \\\n  Y\nRUN <<E\nARG HOME\nE\nFROM b\nRUN x"

    const changed = withReservedArguments(text, [
      { name: "HOME", value: "/it's" },
      { name: "HTTP_PROXY", value: "http://p" },
    ])

    const home = "ARG HOME='/it'\"'\"'s'"
    const proxy = "ARG HTTP_PROXY='http://p'"
    expect(changed).toBe(
      `ARG HOME=/a\n${home}\nFROM a\n${proxy}\nARG X HOME=/b \\\n  Y\n${home}\nRUN <<E\nARG HOME\nE\nFROM b\n${proxy}\nRUN x`,
    )
  })

  test("stays as it is without reserved arguments", () => {
    expect(withReservedArguments("FROM a\r\n", [])).toBe("FROM a\r\n")
  })

  test("never gets a value that could add instructions", () => {
    expect(() => argumentLine({ name: "HOME", value: "a\nRUN evil" })).toThrow("HOME")
    expect(() => argumentLine({ name: "HOME=x\nRUN evil #", value: "a" })).toThrow("build argument")
  })
})
