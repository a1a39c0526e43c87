import { RunSpec } from "../../shared/builders/run-spec.ts"
import { runningPlatforms } from "../../shared/dockerfile/running-platforms.ts"
import { noSecretSource } from "../../shared/secrets/no-secret-source.ts"

/** A step of each kind, a template, a shell text: what most task files make use of. */
const TEXT = `version: v1.1.0
env: ["A={{ .Run.ID }}"]
steps:
- build: -t $Registry/warm:{{ .Run.ID | upper }} -f Dockerfile .
- id: up
  cmd: $Registry/warm:up sh -c "true && true"
  when: ["-"]
- push: ["$Registry/warm:up"]
`

/**
 * Loads what reads a run's spec, Dockerfile and task file, and reads one of each: node compiles a function when it is first called, and
 * that takes most of the time that small ones need. A builder does it while it waits for the service's answer. Never rejects.
 */
export async function warmUp(): Promise<void> {
  try {
    RunSpec.safeParse({})
    const dockerfile = { buildArguments: [], target: "", platform: "linux/amd64", buildPlatform: "linux/amd64" }
    runningPlatforms("ARG A=1\nFROM reg.example/base:$A AS b\nRUN true\nFROM b\nCOPY --from=b /a /b\n", dockerfile)
    const { readTask } = await import("./read-task.ts")
    await readTask(
      { type: "task", file: { text: TEXT }, values: [] },
      {
        places: { workspace: "", home: "", volumes: "", temporary: "" },
        variables: { ID: "ca1", Registry: "reg.example", RegistryName: "reg" },
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
  } catch {
    // The run itself will say what is wrong.
  }
}
