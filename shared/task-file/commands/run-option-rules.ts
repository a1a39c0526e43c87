import type { RunOption } from "./run-options.ts"
import type { ScannedOption } from "./scan-options.ts"

/** `never`: no run may. `privileged`: only where the operator allows privileged steps. `reason` ends a sentence. */
export type Verdict = { rule: "never" | "privileged"; reason: string }

const NEVER: Partial<Record<RunOption, string>> = {
  annotation: "runtimes take some of them for orders, such as files of the machine to write",
  "cgroup-parent": "it would take the container out of the run's limits",
  cidfile: "it would write a file of the machine that builds",
  "label-file": "it would read a file of the machine that builds; use --label",
  link: "steps reach each other by their ids",
  "log-driver": "the output of a step goes to the run's log",
  "log-opt": "the output of a step goes to the run's log",
  name: "a container is named by the id of its step",
  restart: "a step that fails is run again by retries",
  "use-api-socket": "the engine's socket reaches everything of the engine",
  "volume-driver": "a driver may mount what it wants",
  "volumes-from": "containers of other steps may be those of other runs; share files through /workspace",
}

const PRIVILEGED: Partial<Record<RunOption, string>> = {
  "cap-add": "it adds rights over the machine",
  device: "it opens a device of the machine",
  "device-cgroup-rule": "it opens devices of the machine",
  gpus: "it opens devices of the machine",
  "oom-kill-disable": "it can exhaust the memory of the machine",
  "oom-score-adj": "other processes of the machine would be ended before it",
  privileged: "it has all rights over the machine",
  runtime: "another runtime may isolate less",
  "security-opt": "it changes how the container is isolated",
}

const NAMESPACES = new Set<RunOption>(["cgroupns", "ipc", "network", "pid", "userns", "uts"])

/** What a run may not do, or only with the operator's leave (task-file 3.1; contracts, "`cmd` text"). Undefined: nothing against it. */
export function verdictOn({ name, value, isOn }: ScannedOption<RunOption>): Verdict | undefined {
  // `--privileged=false` asks for nothing.
  if (!isOn) return undefined
  const never = NEVER[name]
  if (never !== undefined) return { rule: "never", reason: never }
  const privileged = PRIVILEGED[name]
  if (privileged !== undefined) return { rule: "privileged", reason: privileged }
  if (!NAMESPACES.has(name)) return undefined
  // docker also takes `--network name=…,alias=…`.
  const namespace = name === "network" ? (/(?:^|,)name=([^,]*)/.exec(value)?.[1] ?? value) : value
  if (namespace === "host") return { rule: "privileged", reason: "it shares the machine's own namespace" }
  if (namespace.startsWith("container:") || namespace.startsWith("ns:")) {
    return { rule: "never", reason: "the container may be that of another run; steps reach each other by their ids" }
  }
  return undefined
}
