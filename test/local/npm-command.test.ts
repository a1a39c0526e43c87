import { execFileSync } from "node:child_process"
import path from "node:path"
import { expect, test } from "vitest"
import { npmCommand } from "../../local/npm-command.ts"

test("a command for the default data folder stands alone, one for another names it", () => {
  expect(npmCommand("npm stop", path.resolve(".slipway"))).toBe("npm stop")
  expect(npmCommand("npm stop", "/data/one-2")).toBe("SLIPWAY_DATA=/data/one-2 npm stop")
})

test("a shell reads the folder's name back as it is", () => {
  const folder = `/it's "my" $HOME`

  expect(execFileSync("sh", ["-c", npmCommand("printenv SLIPWAY_DATA", folder)], { encoding: "utf8" })).toBe(
    `${folder}\n`,
  )
})
