import { renderTemplate } from "../shared/templates/render-template.ts"
import { atMost, type Figure } from "./figure.ts"
import { median, spread, timed } from "./statistics.ts"

const LINES = 10_000
const RUNS = 20
const LIMIT_MS = 200
const MEGABYTE = 1_000_000

/** A loop that writes text, values and what functions make of them. */
const TEMPLATE = [
  "{{- range $index, $number := until (int .Values.lines) }}",
  `line {{ printf "%05d" $number }} of {{ $.Values.name | upper }}: {{ if eq (mod $index 2) 0 }}even{{ else }}odd {{ end }}`,
  ' {{ $.Run.ID }} {{ $.Values.list | join "," }} and text that stands as it is, for most of a file is that.',
  "{{- end }}",
].join("\n")

/** One template whose output is a megabyte, in this process. */
export async function measureTaskTemplate(): Promise<Figure[]> {
  const cold = await timed(render)
  await render()
  const samples: number[] = []
  for (let run = 1; run <= RUNS; run += 1) samples.push(await timed(render))
  const detail = `median of ${RUNS} in one process, ${spread(samples)}; ${cold.toFixed(0)} ms the first time; a loop of ${LINES} rounds`
  return [atMost("template of 1 MB output rendered", median(samples), LIMIT_MS, "ms", detail)]
}

async function render(): Promise<void> {
  const values = { lines: LINES, name: "nightly", list: ["one", "two", "three"] }
  const roots = { Values: values, Run: { ID: "ca1" } }
  const result = renderTemplate(TEMPLATE, roots, { now: () => new Date(), environment: {} })
  if (!result.ok) throw new Error(`the template was not rendered: ${result.problem.message}`)
  const bytes = Buffer.byteLength(result.rendered.text)
  if (bytes < MEGABYTE) throw new Error(`the template gave ${bytes} bytes and not ${MEGABYTE}`)
}
