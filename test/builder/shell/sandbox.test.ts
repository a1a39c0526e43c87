import { expect, test } from "vitest"
import { runText } from "./test-shell.ts"

test("what a shell may put into memory has a size", async () => {
  const ran = await runText("x; for f in /tmp /dev/shm; do echo $f $(($(stat -f -c '%b * %S' $f) / 1048576)); done")

  expect(ran.stdout).toBe("/tmp 256\n/dev/shm 64\n")
})

test("a shell writes into its workspace and its folders in memory, and nowhere else", async () => {
  const text = `x; for f in /workspace /tmp /dev/shm / /dev /run /usr/bin /etc; do (: >$f/new) 2>/dev/null && echo $f; done
    echo gone >/dev/null && echo into /dev/null`
  const ran = await runText(text)

  expect(ran.stdout).toBe("/workspace\n/tmp\n/dev/shm\ninto /dev/null\n")
})

test("a shell has the system's programs and nothing that an operator has added", async () => {
  const ran = await runText(
    "x; ls /usr/local /root /home /etc/passwd 2>/dev/null; printf 'b\\na\\n' | sort | awk '{ print NR $1 }'",
  )

  expect(ran.stdout).toBe("1a\n2b\n")
})
