import { readFileSync, statSync } from "node:fs"
import path from "node:path"
import { expect, test } from "vitest"
import { openRotatingLog } from "../../../local/supervisor/rotating-log.ts"
import { temporaryFolder } from "./test-processes.ts"

test("a full log becomes .1 and a new one begins, none above the limit", () => {
  const file = path.join(temporaryFolder(), "part.log")
  const log = openRotatingLog(file, { maxBytes: 20 })

  for (const line of ["one line\n", "two lines\n", "three lines\n"]) log.write(line)
  log.close()

  expect(readFileSync(`${file}.1`, "utf8")).toBe("one line\ntwo lines\n")
  expect(readFileSync(file, "utf8")).toBe("three lines\n")
})

test("a log goes on where the last start left it, readable by its owner only", () => {
  const file = path.join(temporaryFolder(), "part.log")
  for (const line of ["one\n", "two\n"]) {
    const log = openRotatingLog(file)
    log.write(line)
    log.close()
  }

  expect(readFileSync(file, "utf8")).toBe("one\ntwo\n")
  expect(statSync(file).mode & 0o777).toBe(0o600)
})

test("a note says when, and the tail gives the last lines", () => {
  const file = path.join(temporaryFolder(), "part.log")
  const log = openRotatingLog(file, { now: () => new Date("2026-01-02T03:04:05Z") })
  log.write("first\nsecond\n")

  log.note("exit code 1")

  expect(log.tail(2)).toEqual(["second", "2026-01-02T03:04:05.000Z supervisor: exit code 1"])
})

test("the tail says nothing of an earlier start, and goes on after a rotation", () => {
  const file = path.join(temporaryFolder(), "part.log")
  const earlier = openRotatingLog(file)
  earlier.write("größer: the error of yesterday\n")
  earlier.close()
  const log = openRotatingLog(file, { maxBytes: 50 })

  const silent = log.tail(20)
  log.write("today\n")
  const one = log.tail(20)
  log.write("enough to begin a new file\n")

  expect({ silent, one, rotated: log.tail(20) }).toEqual({
    silent: [],
    one: ["today"],
    rotated: ["enough to begin a new file"],
  })
})
