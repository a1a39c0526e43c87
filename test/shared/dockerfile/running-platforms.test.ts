import { expect, test } from "vitest"
import { runningPlatforms } from "../../../shared/dockerfile/running-platforms.ts"

const on = (lines: string[], changes: { platform?: string; target?: string } = {}) =>
  runningPlatforms(lines.join("\n"), { platform: "linux/arm64", buildPlatform: "linux/amd64", ...changes })

test("a RUN runs on the platform that is built for", () => {
  expect(on(["FROM a", "RUN x"])).toEqual(["linux/arm64"])
})

test("without a RUN nothing runs", () => {
  expect(on(["FROM a", "COPY x /"])).toEqual([])
})

test("a stage that compiles on the build machine runs there alone", () => {
  const lines = [
    "FROM --platform=$BUILDPLATFORM go AS build",
    "RUN go build",
    "FROM scratch",
    "COPY --from=build /x /x",
  ]

  expect(on(lines)).toEqual(["linux/amd64"])
})

test("a stage has the platform of the stage that it stands on", () => {
  expect(on(["FROM --platform=$BUILDPLATFORM go AS base", "FROM base", "RUN x"])).toEqual(["linux/amd64"])
})

test("stages that the target does not need do not run", () => {
  expect(on(["FROM a AS one", "FROM b AS two", "RUN x"], { target: "one" })).toEqual([])
})

test("what cannot be read is the engine's to refuse", () => {
  expect(on(["RUN x"])).toEqual([])
})
