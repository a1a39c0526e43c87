import { describe, expect, test } from "vitest"
import { RunFailure } from "../../../builder/failures/run-failure.ts"
import { runText } from "./test-shell.ts"

/** The pipes and arguments of a call, made by hand. */
const CALL = `cd /run/slipway; make() { mkfifo $1.in $1.out $1.err $1.end; printf 'run\\0x\\0' >$1.args; }`

describe("where calls are announced", () => {
  test("a line without an end is dropped, and the builder lives", async () => {
    const ran = await runText("first; head -c 600000000 /dev/zero | tr '\\0' 1 >&9; echo >&9; docker run last")

    expect(ran.exitCode).toBe(0)
    expect(ran.calls).toEqual([
      ["run", "first"],
      ["run", "last"],
    ])
  })

  test("a flood ends the text with the reason", async () => {
    const ran = await runText("x; yes no-call >&9")

    expect(ran.error).toBeInstanceOf(RunFailure)
    expect(ran.error).toMatchObject({ outcome: "Failed", message: expect.stringContaining("calls docker too often") })
  })

  test("one call that is announced again while it is open is one call", async () => {
    const text = `x; ${CALL}; make 91; (cat <91.out & cat <91.err &); exec 8<>91.end; printf '91\\n91\\n91\\n' >&9; read w <&8; exit $w`
    const ran = await runText(text, { onDocker: async ({ arguments: [, image] }) => (image === "x" ? 5 : 0) })

    expect(ran.exitCode).toBe(5)
    expect(ran.calls).toHaveLength(2)
  })

  test("no more than 64 calls are open at once, and the others wait for their turn", async () => {
    const full = Promise.withResolvers<void>()
    let [open, most, all] = [0, 0, 0]
    const ran = await runText("x & for n in $(seq 69); do docker run x & done; wait", {
      async onDocker() {
        open += 1
        all += 1
        most = Math.max(most, open)
        if (open === 64) full.resolve()
        await full.promise
        open -= 1
        return 0
      },
    })

    expect({ exitCode: ran.exitCode, most, all }).toEqual({ exitCode: 0, most: 64, all: 70 })
  })
})

describe("a call", () => {
  test("whose end is full of what nobody reads ends the text, and blocks nothing", async () => {
    const text = `x; ${CALL}
      for n in 91 92 93 94 95; do
        make $n; sleep 1000 <$n.out & sleep 1000 <$n.err &
        (exec 8<>$n.end; dd if=/dev/zero bs=4096 count=16 >&8 2>/dev/null; echo $n >&9; sleep 1000) &
      done; wait`
    const ran = await runText(text)

    expect(ran.error).toBeInstanceOf(RunFailure)
    expect(ran.error).toMatchObject({ outcome: "Failed", message: expect.stringContaining("does not listen") })
  })

  test("that is none ends the text", async () => {
    const ran = await runText("x; echo 91 >&9; sleep 1000")

    expect(ran.error).toBeInstanceOf(RunFailure)
    expect(ran.error).toMatchObject({ outcome: "Failed", message: expect.stringContaining("cannot be answered") })
  })

  test("that cannot be opened is told so", async () => {
    const ran = await runText("x; sh -c 'mkdir /run/slipway/$$.args; exec docker run y'; echo $?")

    expect(ran).toMatchObject({ exitCode: 0, calls: [["run", "x"]], stdout: "125\n" })
    expect(ran.stderr).toContain("docker: the call could not be read\n")
  })

  test("whose output nobody reads holds up nobody when the text is stopped", async () => {
    const stopper = new AbortController()
    const text = `x; ${CALL}; make 91; sleep 1000 <91.out & sleep 1000 <91.err & echo 91 >&9; wait`
    const ran = await runText(text, {
      signal: stopper.signal,
      async onDocker({ stdout }) {
        stdout.write(Buffer.alloc(1024 * 1024))
        setImmediate(() => stopper.abort())
        return 0
      },
    })

    expect(ran.exitCode).toBe(137)
  })

  test("that does not end by itself holds up nobody for long", async () => {
    const stopper = new AbortController()
    const ran = await runText("x", {
      signal: stopper.signal,
      onDocker() {
        stopper.abort()
        return new Promise(() => {})
      },
    })

    expect(ran.exitCode).toBe(137)
  })

  test("is told that the text has ended", async () => {
    const started = Promise.withResolvers<void>()
    let isTold = false
    const ran = await runText("behind & docker run last", {
      async onDocker({ arguments: [, image] }, isOver) {
        if (image === "last") await started.promise
        else {
          started.resolve()
          await new Promise((resolve) => isOver.addEventListener("abort", resolve))
          isTold = true
        }
        return 0
      },
    })

    expect({ exitCode: ran.exitCode, isTold }).toEqual({ exitCode: 0, isTold: true })
  })
})
