import { readFile } from "node:fs/promises"
import path from "node:path"
import { repositoryRoot } from "../local/repository-root.ts"
import type { BareEngine } from "./bare-engine.ts"

/** One task file, and what somebody does at a bare engine who wants the same. */
export type TaskCase = {
  line: string
  limitSeconds: number
  task: string
  /** The task's workspace, with the file itself as `acr-task.yaml`. */
  files: [string, string][]
  bare(engine: BareEngine, folder: string, turn: number): Promise<void>
}

/** What the issue measured acb with: its own recorded case of two stages, and smaller ones. `base` is an image of the registry. */
export async function taskCases(registry: string, base: string): Promise<TaskCase[]> {
  const dockerfile = `FROM ${base}\nRUN echo one > /one\nCOPY two /two\n`
  const recorded = path.join(repositoryRoot(), "test/data/conformance/whole/04-multistage-deps/ws")
  const text = async (name: string) =>
    (await readFile(path.join(recorded, name), "utf8")).replaceAll("127.0.0.1:5000", registry)
  return [
    {
      ...{ line: "task file without a step", limitSeconds: 0.05, task: "version: v1.1.0\n", files: [] },
      bare: async () => {},
    },
    {
      ...{ line: "task of one command over the bare engine", limitSeconds: 0.15, files: [] },
      task: `version: v1.1.0\nsteps:\n  - cmd: ${base} echo hello\n`,
      bare: (engine) => engine.runContainer(base, "echo", "hello"),
    },
    {
      ...{ line: "task of a build and a push over the bare engine", limitSeconds: 0.3 },
      task: "version: v1.1.0\nsteps:\n  - build: -t $Registry/bench/task:v1 .\n  - push: ['$Registry/bench/task:v1']\n",
      files: [
        ["Dockerfile", dockerfile],
        ["two", "two\n"],
      ],
      bare: (engine, folder) => engine.buildAndPush(folder, [`${registry}/bench/bare-task:v1`]),
    },
    {
      ...{ line: "task of two stages, two tags and two pushes over the bare engine", limitSeconds: 0.5 },
      task: await text("acr-task.yaml"),
      files: [["Dockerfile", await text("Dockerfile")]],
      // The task's first tag is the run's id, a new one each time.
      bare: (engine, folder, turn) =>
        engine.buildAndPush(
          folder,
          [`${registry}/bench/bare-multi:turn-${turn}`, `${registry}/bench/bare-multi:latest`],
          ["--build-arg=V=1"],
        ),
    },
  ]
}
