import { makeBenchFolder } from "./bench-stack.ts"
import { atMost, type Figure } from "./figure.ts"
import { runCli } from "./run-cli.ts"
import { median, spread, timed } from "./statistics.ts"

const STARTS = 5
const LIMIT_SECONDS = 3

/** From the call of `npm start -- --detach` (without npm itself) until it returns, every part and the private engine healthy. */
export async function measureStackReady(): Promise<Figure[]> {
  const first: number[] = []
  const second: number[] = []
  for (let start = 1; start <= STARTS; start += 1) {
    const { env, remove } = await makeBenchFolder()
    try {
      for (const samples of [first, second]) {
        samples.push((await timed(() => runCli("start", ["--detach"], env))) / 1000)
        await runCli("stop", [], env)
      }
    } finally {
      await remove()
    }
  }
  const figure = (what: string, samples: number[]) =>
    atMost(
      `stack ready, ${what}`,
      median(samples),
      LIMIT_SECONDS,
      "s",
      `median of ${STARTS}, ${spread(samples, 2, "s")}; the whole command \`start --detach\``,
    )
  return [figure("fresh data", first), figure("second start", second)]
}
