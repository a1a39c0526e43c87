import { describe, expect, test } from "vitest"
import { classifyBuildFailure, classifyPushFailure } from "../../../builder/engine/classify-failure.ts"

const lines = (...texts: string[]) => texts.map((line) => ({ line, stream: "stderr" as const }))
const resolve = "ERROR: target slipway: failed to solve: r.io/a:1: failed to resolve source metadata for r.io/a:1: "

describe("a failed build, in the words of buildx 0.13 and podman 4.3", () => {
  test.each([
    ['ERROR: failed to solve: process "/bin/sh -c exit 7" did not complete successfully: exit code: 7', "BuildFailed"],
    ['Error: building at STEP "RUN exit 7": while running runtime: exit status 7', "BuildFailed"],
    [
      'ERROR: failed to solve: failed to compute cache key: failed to calculate checksum of ref x::y: "/nofile": not found',
      "BuildFailed",
    ],
    [
      'Error: building at STEP "COPY nofile /": checking on sources under "/c": copier: stat: "/nofile": no such file or directory',
      "BuildFailed",
    ],
    [`${resolve}r.io/a:1: not found`, "BaseImageNotFound"],
    [
      `${resolve}pull access denied, repository does not exist or may require authorization: server message: insufficient_scope`,
      "BaseImageNotFound",
    ],
    ["ERROR: failed to solve: not found", "ImagePartLost"],
    [`${resolve}no match for platform in manifest: not found`, "BaseImageNotFound"],
    [
      "Error: creating build container: initializing source docker://r.io/a:1: reading manifest 1 in r.io/a: manifest unknown: manifest unknown",
      "BaseImageNotFound",
    ],
    [
      'Error: creating build container: short-name "nope:1" did not resolve to an alias and no unqualified-search registries are defined',
      "BaseImageNotFound",
    ],
    [
      `${resolve}failed to do request: Head "https://r.io/v2/a/manifests/1": dial tcp 127.0.0.1:1: connect: connection refused`,
      "RegistryUnavailable",
    ],
    [
      `${resolve}failed to do request: Head "https://r.io/v2/a/manifests/1": dial tcp: lookup r.io: no such host`,
      "RegistryUnavailable",
    ],
    [`${resolve}failed to do request: Head "https://r.io/v2/a/manifests/1": EOF`, "RegistryUnavailable"],
    [
      'Error: Error response from daemon: failed to resolve reference "r.io/a:1": failed to do request: Head "https://r.io/v2/a/manifests/1": EOF.',
      "RegistryUnavailable",
    ],
    [
      "ERROR: failed to solve: failed to compute cache key: failed to copy: httpReadSeeker: failed open: failed to authorize: failed to fetch anonymous token: unexpected status from GET request to http://r.io/token?service=r.io: 401 Unauthorized",
      "RegistryUnavailable",
    ],
    [
      `${resolve}failed to authorize: failed to fetch oauth token: Post "http://r.io/oauth2/token": dial tcp 127.0.0.1:1: connect: connection refused`,
      "RegistryUnavailable",
    ],
    [
      `${resolve}failed to authorize: failed to fetch oauth token: unexpected status from POST request to https://r.io/oauth2/token: 401 Unauthorized`,
      "LoginRefused",
    ],
    [
      `${resolve}unexpected status from HEAD request to https://r.io/v2/a/manifests/1: 503 Service Unavailable`,
      "RegistryUnavailable",
    ],
    [
      'Error: creating build container: initializing source docker://r.io/a:1: pinging container registry r.io: Get "http://r.io/v2/": dial tcp: connect: connection refused',
      "RegistryUnavailable",
    ],
    [
      'Error: initializing source docker://r.io/a:1: pinging container registry r.io: Get "http://r.io/v2/": http: server closed idle connection',
      "RegistryUnavailable",
    ],
    [
      `${resolve}failed to do request: Head "https://r.io/v2/a/manifests/1": dial tcp 10.0.0.9:443: connect: connection timed out`,
      "RegistryUnavailable",
    ],
    [
      `${resolve}failed to do request: Head "https://r.io/v2/a/manifests/1": write tcp 10.0.0.9:443: write: broken pipe`,
      "RegistryUnavailable",
    ],
    [
      `${resolve}failed to do request: Head "https://r.io/v2/a/manifests/1": http2: client connection lost`,
      "RegistryUnavailable",
    ],
    [
      `${resolve}failed to copy: httpReadSeeker: failed open: failed to do request: Get "https://r.io/v2/a/blobs/1": http2: server sent GOAWAY and closed the connection`,
      "RegistryUnavailable",
    ],
    [
      `${resolve}unexpected status from HEAD request to https://r.io/v2/a/manifests/1: 401 Unauthorized`,
      "LoginRefused",
    ],
    [
      "Error: creating build container: initializing source docker://r.io/a:1: reading manifest 1 in r.io/a: unauthorized: authentication required",
      "LoginRefused",
    ],
    [
      "ERROR: target slipway: failed to solve: dockerfile parse error on line 2: unknown instruction: FOO",
      "DockerfileInvalid",
    ],
    [
      'Error: building at STEP "FOO ": Build error: Unknown instruction: "FOO" &imagebuilder.Step{}',
      "DockerfileInvalid",
    ],
    ["Error: FROM requires either one argument, or three: FROM <source> [as <name>]", "DockerfileInvalid"],
    ['ERROR: failed to solve: target stage "nope" could not be found', "DockerfileInvalid"],
    ['Error: The target "nope" was not found in the provided Dockerfile', "DockerfileInvalid"],
    [
      "ERROR: Cannot connect to the Docker daemon at unix:///x.sock. Is the docker daemon running?",
      "EngineUnavailable",
    ],
    ["ERROR: failed to solve: Unavailable: error reading from server: EOF", "EngineUnavailable"],
    [
      "ERROR: failed to receive status: rpc error: code = Unavailable desc = error reading from server: EOF",
      "EngineUnavailable",
    ],
    ["unshare: sigprocmask unblock failed: Invalid argument", "EngineUnavailable"],
    [
      'ERROR: failed to build: listing workers for Build: failed to list workers: Unavailable: connection error: desc = "transport: Error while dialing: dial unix /x.sock: connect: no such file or directory"',
      "EngineUnavailable",
    ],
    ["ERROR: failed to solve: rpc error: code = Unknown desc = transport is closing", "EngineUnavailable"],
    ["ERROR: failed to dial gRPC: unable to upgrade to h2c, received 502", "EngineUnavailable"],
    ["ERROR: failed to solve: failed to read dockerfile: no active session for x1: deadline", "EngineUnavailable"],
  ])("%s: %s", (line, code) => {
    expect(classifyBuildFailure(lines("#5 0.1 ERROR: Unavailable: no", line, "")).error.code).toBe(code)
  })

  test("what a step prints or is called does not decide", () => {
    const spoofs = [
      `process "/bin/sh -c echo 'code = Unavailable' # dockerfile parse error" did not complete successfully: exit code: 1`,
      'building at STEP "RUN echo manifest unknown; exit 1": while running runtime: exit status 1',
    ]

    for (const spoof of spoofs) expect(classifyBuildFailure(lines(`Error: ${spoof}`)).error.code).toBe("BuildFailed")
    expect(
      classifyBuildFailure(lines("Error: cannot connect to the Docker daemon", `Error: ${spoofs[1]}`)).error.code,
    ).toBe("BuildFailed")
  })

  test.each([
    'ERROR: failed to solve: failed to compute cache key: failed to calculate checksum of ref x::y: "/code = Unavailable": not found',
    'ERROR: failed to solve: failed to compute cache key: failed to calculate checksum of ref x::y: "/no active session": not found',
    'Error: building at STEP "COPY "transport is closing" /x": checking on sources under "/c": copier: stat: "/transport is closing": no such file or directory',
    'Error: building at STEP "ADD error during connect /": no such file or directory',
  ])("a name that the user has given does not make the engine gone: %s", (line) => {
    expect(classifyBuildFailure(lines(line)).error.code).toBe("BuildFailed")
  })

  test("the message is the engine's cause as it is, since it is not masked yet, without what the engine puts before it", () => {
    const { error, isCertain } = classifyBuildFailure(
      lines("ERROR: target slipway: failed to solve: something\tnew  here"),
    )

    expect(error.message).toBe("something\tnew  here")
    expect(isCertain).toBe(false)
    expect(classifyBuildFailure([]).error.message).toMatch(/did not say why/)
    expect(classifyBuildFailure(lines(`ERROR: ${"x".repeat(5000)}`)).error.message).toHaveLength(5000)
  })
})

test.each([
  ["unauthorized: authentication required", "LoginRefused"],
  ["no basic auth credentials", "LoginRefused"],
  [
    'failed to authorize: failed to fetch oauth token: Post "http://localhost:5/oauth2/token": read tcp 127.0.0.1:4->127.0.0.1:5: read: connection reset by peer',
    "RegistryUnavailable",
  ],
  [
    "failed to authorize: failed to fetch oauth token: unexpected status from POST request to https://r.io/oauth2/token: 503 Service Unavailable",
    "RegistryUnavailable",
  ],
  [
    "failed to authorize: failed to fetch oauth token: unexpected status from POST request to https://r.io/oauth2/token: 401 Unauthorized",
    "LoginRefused",
  ],
  [
    "push access denied, repository does not exist or may require authorization: authorization failed: no basic auth credentials",
    "LoginRefused",
  ],
  [
    "Error: trying to reuse blob sha256:1 at destination: checking whether a blob sha256:1 exists in r.io/a: authentication required",
    "LoginRefused",
  ],
  [
    "Error: writing manifest: uploading manifest 1 to r.io/a: denied: requested access to the resource is denied",
    "PushRefused",
  ],
  ["unknown: tag is immutable", "PushRefused"],
  [
    'failed to do request: Head "http://r.io/v2/": dial tcp 127.0.0.1:1: connect: connection refused',
    "RegistryUnavailable",
  ],
  ["Cannot connect to the Docker daemon at unix:///x.sock. Is the docker daemon running?", "EngineUnavailable"],
])("a failed push, %s: %s", (line, code) => {
  const { error } = classifyPushFailure("r.io/a:1", lines(line))

  expect(error.code).toBe(code)
  expect(error.message).toBe(`failed to push r.io/a:1: ${line.replace("Error: ", "")}`)
})

test("an engine that went away is named in the cause", () => {
  const { error } = classifyBuildFailure(
    lines("ERROR: failed to receive status: rpc error: code = Unavailable desc = EOF"),
  )

  expect(error.code).toBe("EngineUnavailable")
  expect(error.message).toMatch(/^the container engine is gone: failed to receive status/)
})

test("a digest that happens to hold 401 or 502 is no answer of a registry", () => {
  const digest = `sha256:${"884019cb".repeat(4)}${"a5027bcd".repeat(4)}`
  const refused = `Head "https://r.io/v2/a/blobs/${digest}": dial tcp 127.0.0.1:1: connect: connection refused`

  expect(classifyPushFailure("r.io/a:1", lines(refused)).error.code).toBe("RegistryUnavailable")
  expect(classifyPushFailure("r.io/a:1", lines(`${digest} is not wanted`)).error.code).toBe("PushRefused")
})
