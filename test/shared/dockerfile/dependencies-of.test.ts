import { expect, test } from "vitest"
import { dependenciesOf } from "../../../shared/dockerfile/dependencies-of.ts"
import { readDockerfile } from "../../../shared/dockerfile/read-dockerfile.ts"

const digest = (letter: string) => `sha256:${letter.repeat(64)}`

test("the digests that the engine resolved join what the Dockerfile says, however a name is spelt", () => {
  const dockerfile = readDockerfile("FROM go AS b\nFROM r.io/a:1\nCOPY --from=b / /\nCOPY --from=r.io/c / /", {
    platform: "linux/amd64",
  })
  if (!dockerfile.ok) throw new Error("unexpected")

  const dependencies = dependenciesOf(dockerfile, [
    { reference: "docker.io/library/go:latest", digest: digest("a") },
    { reference: "r.io/a:1", digest: digest("b") },
    { reference: "r.io/onbuild:1", digest: digest("c") },
  ])

  expect(dependencies).toEqual({
    runtime: { registry: "r.io", repository: "a", tag: "1", digest: digest("b") },
    buildtime: [
      { registry: "docker.io", repository: "library/go", tag: "latest", digest: digest("a") },
      { registry: "r.io", repository: "c", tag: "latest" },
      { registry: "r.io", repository: "onbuild", tag: "1", digest: digest("c") },
    ],
  })
})
