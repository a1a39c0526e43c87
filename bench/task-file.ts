import { readTask } from "../builder/run/read-task.ts"
import { noSecretSource } from "../shared/secrets/no-secret-source.ts"
import { atMost, type Figure } from "./figure.ts"
import { median, spread, timed } from "./statistics.ts"

const STEPS = 200
const RUNS = 30
const LIMIT_MS = 50

/** A task file from its text to the plan that a run follows, in this process: comments, aliases, templates, YAML, checks, graph. */
export async function measureTaskFile(): Promise<Figure[]> {
  const text = taskText(STEPS)
  const cold = await timed(() => planOf(text))
  await planOf(text)
  const samples: number[] = []
  for (let run = 1; run <= RUNS; run += 1) samples.push(await timed(() => planOf(text)))
  const size = `${Math.round(text.length / 1024)} kB`
  const detail = `median of ${RUNS} in one process, ${spread(samples)}; ${cold.toFixed(0)} ms the first time; ${size} with aliases, values and a loop`
  return [atMost(`task file of ${STEPS} steps parsed, rendered and planned`, median(samples), LIMIT_MS, "ms", detail)]
}

async function planOf(text: string): Promise<void> {
  const plan = await readTask(
    { type: "task", file: { text }, values: [{ name: "base", value: "reg.example/base/tool:1", isSecret: false }] },
    {
      places: { workspace: "", home: "", volumes: "", temporary: "" },
      variables: { ID: "ca1", Registry: "reg.example", RegistryName: "reg", OS: "linux", Architecture: "amd64" },
      platformOs: "linux",
      environment: [],
      rules: { allowedHosts: [] },
      ca: undefined,
      secrets: noSecretSource,
      addSecrets: () => {},
      now: () => new Date(),
      say: () => {},
      signal: new AbortController().signal,
    },
  )
  if (plan.steps.length !== STEPS) throw new Error(`the plan has ${plan.steps.length} steps and not ${STEPS}`)
}

/** Steps of all kinds in groups of four, as people write them; the last four come out of a loop. */
function taskText(steps: number): string {
  const groups = Array.from({ length: steps / 4 - 1 }, (_, group) => groupText(group))
  return [
    "version: v1.1.0",
    "alias:",
    "  values:",
    "    tool: reg.example/base/tool:1",
    "env: ['STAGE=nightly', 'REGION={{ .Values.region | default \"west\" }}']",
    "stepTimeout: 900",
    "steps:",
    ...groups,
    "{{- range $index := until 4 }}",
    "  - id: loop-{{ $index }}",
    `    cmd: '{{ $.Values.base }} report --part {{ printf "%02d" $index }}'`,
    "    when: ['push-0']",
    "{{- end }}",
    "",
  ].join("\n")
}

function groupText(group: number): string {
  return [
    `  # Group ${group}`,
    `  - id: build-${group}`,
    `    build: -t $Registry/app/part-${group}:$ID --build-arg VERSION={{ .Run.ID | upper }} -f part-${group}/Dockerfile .`,
    "    when: ['-']",
    "    cache: disabled",
    `  - id: test-${group}`,
    `    cmd: $Registry/app/part-${group}:$ID test --all "--name=part ${group}"`,
    `    when: ['build-${group}']`,
    `    env: ['PART=${group}', 'MODE={{ if .Values.fast }}fast{{ else }}full{{ end }}']`,
    "    retries: 2",
    "    retryDelay: 1",
    `  - id: lint-${group}`,
    `    cmd: $tool sh -c "lint part-${group} > out-${group}.txt"`,
    "    when: ['-']",
    "    ignoreErrors: true",
    `  - id: push-${group}`,
    `    push: ['$Registry/app/part-${group}:$ID']`,
    `    when: ['test-${group}', 'lint-${group}']`,
  ].join("\n")
}
