import { expect, test } from "vitest"
import { createBaseReader } from "../../../builder/engine/base-digests.ts"

const digest = (letter: string) => `sha256:${letter.repeat(64)}`

test("reads what BuildKit resolved, once each, and nothing that a step prints", () => {
  const reader = createBaseReader()
  const progress = [
    "#2 [internal] load metadata for r.io/looked-up:1",
    "#3 [internal] load metadata for r.io/a:1",
    "#4 [internal] load metadata for docker.io/library/b:2",
    `#10 [internal] load metadata for r.io/pinned@${digest("c")}`,
    `#5 [1/6] FROM r.io/a:1@${digest("a")}`,
    `#5 resolve r.io/a:1@${digest("a")} done`,
    `#6 FROM docker.io/library/b:2@${digest("b")}`,
    `#7 [one 1/2] FROM r.io/a:1@${digest("a")}`,
    `#8 [build 1/1] FROM r.io/pinned@${digest("c")}`,
    `#9 0.123 #9 FROM r.io/spoof:1@${digest("d")}`,
    `#9 0.123 FROM r.io/spoof:1@${digest("d")}`,
  ]

  for (const line of progress) reader.read(line)

  expect(reader.bases()).toEqual([
    { reference: "r.io/a:1", digest: digest("a") },
    { reference: "docker.io/library/b:2", digest: digest("b") },
    { reference: `r.io/pinned@${digest("c")}`, digest: digest("c") },
  ])
})

test("leaves out a base that another build has looked up, though its content is shared", () => {
  const reader = createBaseReader()
  for (const line of [
    "#3 [internal] load metadata for r.io/own:1",
    `#6 [build 1/2] FROM r.io/own:1@${digest("a")}`,
    `#7 [1/2] FROM r.io/of-another-run:1@${digest("a")}`,
  ])
    reader.read(line)

  expect(reader.bases()).toEqual([{ reference: "r.io/own:1", digest: digest("a") }])
})
