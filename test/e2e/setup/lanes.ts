/**
 * Suites that share something take turns, those of different lanes run at the same time: the stack that all suites share; stacks of a
 * suite's own that are killed; the commands that start a stack or an engine; the engines alone.
 */
const LANES = { own: ["bad-days"], machine: ["engine-part", "stack"], engine: ["engine", "task-files"] } as const

/** The lane of a suite, by its folder below `test/e2e/`. */
export function laneOf(file: string): string {
  const folder = /\/test\/e2e\/([^/]+)\//.exec(file)?.[1]
  const found = Object.entries(LANES).find(([, folders]) => folders.some((name) => name === folder))
  return found?.[0] ?? "shared"
}

/** One suite of each lane in turn, so that no lane stands still while another has all workers waiting. */
export function interleaveLanes<Spec extends { moduleId: string }>(specs: readonly Spec[]): Spec[] {
  const lanes = [...Map.groupBy(specs, ({ moduleId }) => laneOf(moduleId)).values()]
  const longest = Math.max(0, ...lanes.map((lane) => lane.length))
  return Array.from({ length: longest }, (_, at) => lanes.flatMap((lane) => lane.slice(at, at + 1))).flat()
}
