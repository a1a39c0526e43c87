import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { hasUnsafeMounts, refuseUnsafeMounts } from "../../../builder/engine/refuse-unsafe-mounts.ts"

let context: string
beforeEach(async () => {
  context = await mkdtemp(join(tmpdir(), "slipway-mounts-"))
  await mkdir(join(context, "folder"))
  await writeFile(join(context, "file"), "")
  await symlink("/", join(context, "link"))
})
afterEach(() => rm(context, { recursive: true, force: true }))

const check = (text: string) => refuseUnsafeMounts(`FROM a\n${text}\n`, context)

test.each([
  ["4.3.1", true],
  ["5.2.9", true],
  ["5.3.1", true],
  ["5.3.2", false],
  ["5.4.0-dev", false],
  ["10.0.0", false],
  ["unknown", true],
])("podman %s mounts unsafely: %s", (version, isUnsafe) => {
  expect(hasUnsafeMounts(version)).toBe(isUnsafe)
})

describe("refused", () => {
  test.each([
    ["a traversing cache id", "RUN --mount=type=cache,id=../../../etc,target=/h true"],
    ["a link inside a cache as an id", "RUN --mount=type=cache,id=a/x,target=/h true"],
    ["an absolute cache id", "RUN --mount=type=cache,id=/a,target=/h true"],
    ["a source in a cache", "RUN --mount=type=cache,id=a,source=x,target=/h true"],
    [
      "a cache inside a cache",
      "RUN --mount=type=cache,target=/c ln -s / /c/x\nRUN --mount=type=cache,target=/c/x true",
    ],
    ["a relative target without an id", "RUN --mount=type=cache,target=../../etc true"],
    ["a source in a stage", "RUN --mount=type=bind,from=b,source=/x,target=/h,rw true"],
    ["a source in a stage, without a type", "RUN --mount=from=b,src=x,dst=/h true"],
    ["a link out of the context", "RUN --mount=type=bind,source=link,target=/h true"],
    ["a path through a link out of the context", "RUN --mount=type=bind,source=link/etc,target=/h true"],
    ["a source after the context could be changed", "RUN --mount=target=/c,rw true\nRUN --mount=source=file,target=/h"],
    ["a variable", "ARG X=../..\nRUN --mount=type=cache,id=$X,target=/h true"],
    ["a flag hidden in a variable", "ARG X=mount\nRUN --$X=type=cache,id=a,target=/h true"],
    ["a flag hidden in quotes", 'RUN --mo"unt"=type=cache,id=a,target=/h true'],
    ["a propagation", "RUN --mount=type=bind,target=/h,bind-propagation=shared true"],
    ["a field twice", "RUN --mount=type=cache,id=a,id=..,target=/h true"],
    ["the host's network", "RUN --network=host true"],
    ["ONBUILD", "ONBUILD RUN --mount=type=cache,id=..,target=/h true"],
    ["small letters", "run --mount=type=cache,id=..,target=/h true"],
    ["a flag over two lines", "RUN --mo\\\nunt=type=cache,id=..,target=/h true"],
    ["a flag over two lines with a comment between", "RUN --mo\\\n# c\n\nunt=type=cache,id=..,target=/h true"],
    ["a heredoc, which old podman does not know", "RUN <<EOF\nRUN --mount=type=cache,id=..,target=/h true\nEOF"],
    ["the other escape character", "COPY a b `\nRUN --mount=type=cache,id=..,target=/h true"],
    ["a doubled escape character", "COPY a b \\\\\nRUN --mount=type=cache,id=..,target=/h true"],
    ["a second flag", "RUN --network=none --mount=type=cache,id=..,target=/h true"],
    ["a carriage return", "RUN true\rRUN --mount=type=cache,id=..,target=/h true"],
  ])("%s", (_, text) => {
    expect(() => check(text)).toThrow(expect.objectContaining({ code: "DockerfileInvalid" }))
  })
})

test.each([
  "RUN true --mount=type=cache,id=..",
  "RUN --mount=type=cache,target=/root/.npm --mount=type=cache,id=pip,target=/root/.cache npm ci",
  "RUN --mount=type=bind,source=file,target=/h --mount=type=bind,source=folder,target=/i cat /h",
  "RUN --mount=type=bind,from=b,target=/h cat /h/x",
  "RUN --mount=type=tmpfs,target=/t --mount=type=secret,id=s --network=none true",
  'RUN echo "$HOME" && poetry run --x="$Y"',
])("accepted: %s", (text) => {
  expect(() => check(text)).not.toThrow()
})
