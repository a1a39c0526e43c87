import { readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"
import { runText } from "./test-shell.ts"

describe("a text", () => {
  test("means what it means to sh, and its calls of docker come here with their words", async () => {
    const text = `"$GREETING world" $(echo one two) && docker build 'a b' >/workspace/out; exit 7`
    const ran = await runText(text, {
      env: ["GREETING=hello"],
      async onDocker({ arguments: [command], stdout, stderr }) {
        stdout.write(`${command} out\n`)
        stderr.write(`${command} err\n`)
        return 0
      },
    })

    expect(ran.exitCode).toBe(7)
    expect(ran.calls).toEqual([
      ["run", "hello world", "one", "two"],
      ["build", "a b"],
    ])
    expect({ stdout: ran.stdout, stderr: ran.stderr }).toEqual({ stdout: "run out\n", stderr: "run err\nbuild err\n" })
    expect(readFileSync(`${ran.workspaceFolder}/out`, "utf8")).toBe("build out\n")
  })

  test("gets the exit code of a call, and a call gets the text's input when it asks", async () => {
    const ran = await runText("x; echo $?; echo said | docker run -i y", {
      async onDocker(call) {
        if (!call.arguments.includes("-i")) return 3
        for await (const chunk of await call.openStdin()) call.stdout.write(chunk)
        return 0
      },
    })

    expect({ exitCode: ran.exitCode, stdout: ran.stdout }).toEqual({ exitCode: 0, stdout: "3\nsaid\n" })
  })

  test("is killed by what a call throws", async () => {
    const ran = await runText("x; sleep 1000", {
      async onDocker() {
        throw new Error("the engine is gone")
      },
    })

    expect(ran.error).toEqual(new Error("the engine is gone"))
  })
})
