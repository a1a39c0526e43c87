/**
 * Suites that share something take turns, those of different lanes run at the same time: stacks of a suite's own that are killed; the
 * commands that start a stack or an engine; each engine alone.
 * All others use the stack that they share.
 */
const LANES: [lane: string, files: RegExp][] = [
  ["own", /^bad-days\//],
  ["machine", /^(?:engine-part|stack)\//],
  ["podman", /^task-files\/.*-podman\.test\.ts$/],
  ["docker", /^task-files\/.*-docker\.test\.ts$/],
  ["engine", /^(?:engine|task-files)\//],
]

/** The lane of a suite, by its place below `test/e2e/`. */
export function laneOf(file: string): string {
  const name = /\/test\/e2e\/(.+)$/.exec(file)?.[1] ?? ""
  return LANES.find(([, files]) => files.test(name))?.[0] ?? "shared"
}

/** One suite of each lane in turn, so that no lane stands still while another has all workers waiting. */
export function interleaveLanes<Spec extends { moduleId: string }>(specs: readonly Spec[]): Spec[] {
  const lanes = [...Map.groupBy(specs, ({ moduleId }) => laneOf(moduleId)).values()]
  const longest = Math.max(0, ...lanes.map((lane) => lane.length))
  return Array.from({ length: longest }, (_, at) => lanes.flatMap((lane) => lane.slice(at, at + 1))).flat()
}
