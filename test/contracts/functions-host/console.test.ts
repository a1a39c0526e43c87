import { expect, it, onTestFinished } from "vitest"
import { type LogLine, runApp } from "./run-app.ts"
import { writeApp } from "./write-app.ts"

const code = `
import { app } from "@azure/functions"
console.log("%s of %d", "one", 2)
console.info(JSON.stringify({ message: "wide", runId: "ca1" }))
console.warn("a warning\\nof two lines")
console.error(new Error("it broke").message)
console.debug('{"cut')
console.dir({ deep: 1 })
console.table([{ a: 1 }])
console.log('{"message":"own","level":"mine"}')
app.http("it", { authLevel: "anonymous", handler: async (request, context) => {
  context.warn('{"message":"in an invocation","size":3}')
  return {}
} })
`

it("all that an app prints is one JSON line with time and level, a JSON object's fields beside them", async () => {
  const app = await runApp({ app: await writeApp(code) })
  onTestFinished(() => void app.stop())

  await app.send("GET", "/api/it")
  await app.waitForLine(({ message }) => message === "in an invocation")

  expect(app.lines.filter(({ category }) => category === "raw")).toEqual([])
  const lines = app.userLines()
  for (const { time } of lines) expect(new Date(String(time)).toISOString()).toBe(time)
  const told = lines.map(({ time, category, invocationId, ...line }) => line)
  const table = told.splice(6, 1)[0]
  expect(table).toMatchObject({ level: "information", message: expect.stringContaining("│ 0       │ 1 │") })
  expect(told).toEqual<Omit<LogLine, "category">[]>([
    { level: "information", message: "one of 2" },
    { level: "information", message: "wide", runId: "ca1" },
    { level: "warning", message: "a warning\nof two lines" },
    { level: "error", message: "it broke" },
    { level: "debug", message: '{"cut' },
    { level: "information", message: "{ deep: 1 }" },
    { level: "information", message: '{"message":"own","level":"mine"}' },
    { level: "warning", message: "in an invocation", size: 3, function: "it" },
  ])
})
