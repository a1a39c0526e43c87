import { mkdir, writeFile } from "node:fs/promises"
import path from "node:path"
import { az } from "../test/e2e/setup/az-client.ts"
import { pushBaseImage, stackRegistry } from "../test/e2e/setup/base-image.ts"
import type { TestStack } from "../test/e2e/setup/test-stack.ts"
import { withStack } from "./bench-stack.ts"
import type { Figure } from "./figure.ts"
import { median, timed } from "./statistics.ts"

const AT_ONCE = 4
const ALONE = 3

/** `az acr build` four times at once, as four people would type it. That none meets another is test/e2e/runs/isolation. */
export function measureFourBuilds(): Promise<Figure[]> {
  return withStack(async (stack) => {
    const base = await pushBaseImage(await stackRegistry(stack), "base/busybox", "1")
    const build = (name: string) => buildWithAz(stack, base.image, name)

    await build("warm-up")
    const alone: number[] = []
    for (let sample = 1; sample <= ALONE; sample += 1) alone.push(await timed(() => build(`alone-${sample}`)))
    const codes: number[] = []
    const together = await timed(async () => {
      const names = Array.from({ length: AT_ONCE }, (_, index) => `together-${index}`)
      codes.push(...(await Promise.all(names.map(build))))
    })
    const succeeded = codes.filter((code) => code === 0).length
    const ratio = together / median(alone)
    return [
      {
        line: `${AT_ONCE} az acr build at once succeed`,
        target: `${AT_ONCE} of ${AT_ONCE}`,
        measured: `${succeeded} of ${AT_ONCE}`,
        isMet: succeeded === AT_ONCE,
        detail: `${ratio.toFixed(1)} times one alone: ${(together / 1000).toFixed(1)} s against ${(median(alone) / 1000).toFixed(1)} s, most of it az's own start`,
      },
    ]
  })
}

async function buildWithAz(stack: TestStack, base: string, name: string): Promise<number> {
  const folder = path.join(stack.state.dataFolder, "contexts", name)
  await mkdir(folder, { recursive: true })
  await writeFile(path.join(folder, "Dockerfile"), `FROM ${base}\nRUN echo ${name} > /name\n`)
  return (await az(stack, ["acr", "build", "-r", "slipway", "-t", `${name}:v1`, folder])).code
}
