import { expect, test } from "vitest"
import { isCreate, rewriteCreate } from "../../../builder/socket/rewrite-create.ts"

const change = { socket: "/run/of/ca1/docker.sock", labels: { "slipway.run": "ca1" } }
const rewritten = (body: unknown) => JSON.parse(rewriteCreate(JSON.stringify(body), change) ?? "null")

test.each([
  ["POST", "/v1.45/containers/create?name=x", true],
  ["POST", "/containers/create", true],
  ["POST", "/v1.45/networks/create", true],
  ["POST", "/v1.41/volumes/create", true],
  ["GET", "/v1.45/containers/create", false],
  ["POST", "/v1.45/containers/create/start", false],
  ["POST", "/v1.45/images/create?fromImage=containers/create", false],
  ["POST", "/v1.45/containers/abc/exec", false],
])("%s %s makes something that the run must remove: %s", (method, url, expected) => {
  expect(isCreate(method, url)).toBe(expected)
})

test("what is made carries the run's label, whatever labels it has", () => {
  expect(rewritten({ Image: "a", Labels: { mine: "1", "slipway.run": "another" } })).toEqual({
    Image: "a",
    Labels: { mine: "1", "slipway.run": "ca1" },
  })
  expect(rewritten({ Image: "a", Labels: null })).toEqual({ Image: "a", Labels: { "slipway.run": "ca1" } })
  expect(JSON.parse(rewriteCreate("", change) ?? "")).toEqual({ Labels: { "slipway.run": "ca1" } })
})

test("the engine's usual socket becomes the run's, in binds and mounts, and nothing else is changed", () => {
  const { HostConfig: host } = rewritten({
    HostConfig: {
      Memory: 1,
      Binds: [
        "/var/run/docker.sock:/var/run/docker.sock:ro",
        "/run/docker.sock:/s",
        "/var/run/docker.sock.d:/x",
        "cache:/c",
      ],
      Mounts: [{ Type: "bind", Source: "/var/run/docker.sock", Target: "/s" }, { Type: "volume", Source: "v" }, 7],
    },
  })

  expect(host).toEqual({
    Memory: 1,
    Binds: [
      "/run/of/ca1/docker.sock:/var/run/docker.sock:ro",
      "/run/of/ca1/docker.sock:/s",
      "/var/run/docker.sock.d:/x",
      "cache:/c",
    ],
    Mounts: [{ Type: "bind", Source: "/run/of/ca1/docker.sock", Target: "/s" }, { Type: "volume", Source: "v" }, 7],
  })
})

test.each(["{", "[]", "null", '"text"', "7"])("%s is no body of such a call", (body) => {
  expect(rewriteCreate(body, change)).toBeUndefined()
})
