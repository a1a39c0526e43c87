import { readdir, readFile } from "node:fs/promises"
import path from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { tarball } from "../setup/contexts.ts"
import { poll } from "../setup/test-stack.ts"
import { type BadDayStack, startBadDayStack } from "./bad-day-stack.ts"
import { processes, processesOf } from "./processes.ts"
import { everythingStored } from "./stored.ts"

const SECRETS = {
  secretArgument: "S3cr3t-Argument/with+signs=9",
  plainArgument: "plain-Argument-nobody-may-read-7",
  customPassword: "Cust0m-Registry-Passw0rd+/8",
  wrongPassword: "Wr0ng-Registry-Passw0rd=5",
}

let stack: BadDayStack
/** Name of each secret → all the ways in which it could be written somewhere. */
let forms: Map<string, string[]>
const argumentLists = new Set<string>()
const texts: string[] = []

/** As it is, percent-encoded, in JSON, and in base64 at each of the three offsets that it may have in a longer text. */
function formsOf(secret: string): string[] {
  const inBase64 = [0, 1, 2].map((offset) => {
    const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(secret)])
    // Characters at the ends hold bits of what stands around it.
    return bytes.toString("base64").slice(offset === 0 ? 0 : offset + 1, -4)
  })
  return [
    secret,
    encodeURIComponent(secret),
    ...inBase64,
    ...inBase64.map((text) => text.replace(/\+/g, "-").replace(/\//g, "_")),
  ]
}

function expectNone(where: string, text: string): void {
  for (const [name, all] of forms) {
    // Never the text itself: a failing test would print the secret's surroundings by the megabyte.
    for (const form of all) expect(text.includes(form) ? `${where} has the ${name}` : undefined).toBeUndefined()
  }
}

beforeAll(async () => {
  stack = await startBadDayStack()
  const { registry, plain, arm } = stack
  const own = stack.state.registry
  const watch = setInterval(() => {
    for (const { cmdline } of processes()) argumentLists.add(cmdline)
  }, 20)

  const dockerfile = `FROM ${stack.base}\nARG TOKEN\nARG GREETING\nRUN echo "it is $TOKEN and $GREETING"; echo "$TOKEN" | busybox base64; sleep 2\n`
  const credentials = (password: string) => ({
    customRegistries: { [plain.loginServer]: { userName: { value: "robot" }, password: { value: password } } },
  })
  const request = {
    imageNames: ["secrets/app:v1"],
    arguments: [
      { name: "TOKEN", value: SECRETS.secretArgument, isSecret: true },
      { name: "GREETING", value: SECRETS.plainArgument, isSecret: false },
    ],
  }
  const sourceLocation = await arm.upload("slipway", tarball([["Dockerfile", dockerfile]]))
  const good = await arm.schedule("slipway", {
    ...request,
    sourceLocation,
    credentials: credentials(SECRETS.customPassword),
  })
  const runToken = await poll("the builder's token", async () => {
    const found = processesOf(`builds/${good}-`).map(
      ({ environment }) => /SLIPWAY_RUN_TOKEN=(\S+)/.exec(environment)?.[1],
    )
    return found.find((token) => token !== undefined)
  })
  const refused = {
    customRegistries: {
      [registry.loginServer]: { userName: { value: own.userName }, password: { value: SECRETS.wrongPassword } },
    },
  }
  const bad = await arm.build("slipway", tarball([["Dockerfile", dockerfile]]), { ...request, credentials: refused })
  const run = await arm.finished("slipway", good)
  const log = await arm.readLog("slipway", good)
  clearInterval(watch)
  expect(run.status, log.text).toBe("Succeeded")
  expect(bad.run.status, bad.log.text).toBe("Failed")
  expect(bad.run.runErrorMessage).toMatch(/unauthorized|denied|password/i)
  texts.push(JSON.stringify(run), log.text, JSON.stringify(bad.run), bad.log.text)

  forms = new Map(
    Object.entries({
      ...SECRETS,
      registryPassword: own.password,
      runToken,
      storageKey: stack.state.storageAccount.key,
      secretKey: stack.state.secretKey,
    }).map(([name, secret]) => [name, formsOf(secret)]),
  )
})
afterAll(() => stack?.stop())

describe("passwords, tokens and build arguments never appear in", () => {
  test("anything, or these tests would see it", () => {
    const { customPassword } = SECRETS
    const login = Buffer.from(`robot:${customPassword}`).toString("base64")

    for (const text of [customPassword, login, encodeURIComponent(customPassword)]) {
      expect(() => expectNone("a text", `x${text}y`)).toThrow("a text has the customPassword")
    }
  })

  test("a run, its error or its log", () => {
    expect(texts.join("\n")).toContain("it is *** and ***")

    for (const text of texts) expectNone("a run or its log", text)
  })

  test("a process's arguments", () => {
    expect([...argumentLists].some((line) => line.includes("buildx"))).toBe(true)

    for (const line of argumentLists) expectNone("an argument list", line)
  })

  test("a table row or a blob in clear", async () => {
    const stored = await everythingStored(stack.state)
    expect(stored.map(({ name }) => name).join("\n")).toMatch(/table slipway\/run\|.*blob logs\/.*blob requests\//s)

    for (const { name, text } of stored) expectNone(name, text)
  })

  test("a log of the stack, or a message that its broker keeps", async () => {
    const folders = ["logs", "service-bus", "host", "storage", "builds"]
    const { dataFolder } = stack.state
    const files = await Promise.all(
      folders.map((folder) =>
        readdir(path.join(dataFolder, folder), { recursive: true, withFileTypes: true }).catch(() => []),
      ),
    )
    const paths = files.flat().flatMap((entry) => (entry.isFile() ? [path.join(entry.parentPath, entry.name)] : []))
    expect(paths.some((file) => file.endsWith("logs/builders.log"))).toBe(true)

    // The work files of a builder that ends just now may go between the listing and the reading.
    for (const file of paths) {
      const content = await readFile(file, "latin1").catch((error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT" && file.includes("/builds/")) return ""
        throw error
      })
      expectNone(path.relative(dataFolder, file), content)
    }
  })
})
