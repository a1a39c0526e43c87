import { expect, test } from "vitest"
import { imageName, imageReference } from "../../../shared/registry/image-reference.ts"

const digest = `sha256:${"0123456789abcdef".repeat(4)}`

test.each([
  ["alpine", "docker.io/library/alpine:latest"],
  ["foo/bar/baz:1", "docker.io/foo/bar/baz:1"],
  ["docker.io/alpine", "docker.io/library/alpine:latest"],
  ["index.docker.io/library/alpine:3", "docker.io/library/alpine:3"],
  ["registry.hub.docker.com/library/alpine:3", "docker.io/library/alpine:3"],
  ["localhost/x", "localhost/x:latest"],
  ["localhost:5000/x:1", "localhost:5000/x:1"],
  ["127.0.0.1:5000/a/b", "127.0.0.1:5000/a/b:latest"],
  ["[::1]:5000/a:1", "[::1]:5000/a:1"],
  ["r.io/a__b/c--d.e:T_1.x-y", "r.io/a__b/c--d.e:T_1.x-y"],
  [`r.io/a@${digest}`, `r.io/a@${digest}`],
  [`r.io/a:1@${digest}`, `r.io/a:1@${digest}`],
  ["Host/a", "Host/a:latest"],
])("%s is %s", (text, name) => {
  const image = imageReference(text)

  expect(image && imageName(image)).toBe(name)
})

test.each([
  "",
  "Alpine",
  "a:",
  "a:$V",
  "a\\b",
  "a b",
  "r.io/",
  "r.io//a",
  "a_/b",
  "a:1:2",
  "'foo:1'",
  "r.io:port/a",
  "a@sha256:abc",
  `a@${digest.toUpperCase()}`,
  `a:${"x".repeat(129)}`,
  `r.io/${"a".repeat(260)}`,
])("%j is no image name", (text) => {
  expect(imageReference(text)).toBeUndefined()
})
