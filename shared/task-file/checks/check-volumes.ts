import type { SecretVolume } from "../task.ts"
import type { StepEntry, TaskFile } from "../task-file-schema.ts"
import type { Report } from "./report.ts"

const VOLUME_NAME = /^[A-Za-z0-9_-]+$/
const FILE_NAME = /^[A-Za-z0-9_.-]+$/
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/** The `volumes` of a task (task-file 2, 7.5), their files decoded. */
export function checkVolumes(file: TaskFile, report: Report): SecretVolume[] {
  const names = new Set<string>()
  return (file.volumes ?? []).map(({ name = "", secret }, index) => {
    const path = ["volumes", index]
    const problem = (message: string, ...key: string[]) => report.problem(message, report.places.of([...path, ...key]))
    const isBad = (...key: string[]) => report.places.isBad(path) || report.places.isBad([...path, ...key])

    if (!VOLUME_NAME.test(name) && !isBad("name")) {
      problem("volume name is not well formed. Only use alphanumeric and - _", "name")
    }
    if (names.has(name)) problem(`volume with duplicate name found: ${name}. Rename one of them.`, "name")
    names.add(name)
    if (secret === undefined) {
      if (!isBad("secret"))
        problem("currently only support for source type secret: give the volume its files under secret.")
    } else if (Object.keys(secret).length === 0) problem("secret is empty: give the volume a file.", "secret")
    return { name, files: Object.entries(secret ?? {}).map((entry) => fileOf(entry, [...path, "secret"], report)) }
  })
}

function fileOf([name, value]: [string, string], path: (string | number)[], { places, problem }: Report) {
  const isName = FILE_NAME.test(name) && name !== "." && name !== ".."
  if (name === "") problem("secret name provided for value is empty: name the file.", places.ofKey([...path, name]))
  else if (!isName) {
    problem(`file name, ${name}, is not well formed. Only use alphanumeric and - _ .`, places.ofKey([...path, name]))
  }
  const base64 = value.replace(/[\r\n]/g, "")
  if (!BASE64.test(base64) && !places.isBad([...path, name])) {
    problem(`the content of ${name} is not base64: write what base64 makes of the file.`, places.of([...path, name]))
  }
  return { name, content: new Uint8Array(Buffer.from(base64, "base64")) }
}

/** The `volumeMounts` of a step (task-file 3): volumes of the task, each place in the container once. */
export function checkMounts(
  step: StepEntry,
  index: number,
  volumes: ReadonlySet<string>,
  report: Report,
): { name: string; mountPath: string }[] {
  const taken = new Set<string>()
  return (step.volumeMounts ?? []).map(({ name = "", mountPath = "" }, mount) => {
    const path = ["steps", index, "volumeMounts", mount]
    const problem = (message: string, ...key: string[]) => report.problem(message, report.places.of([...path, ...key]))
    if (report.places.isBad(path)) return { name, mountPath }

    if (name === "" || mountPath === "") problem("mount name or container file path is empty: give name and mountPath.")
    else if (taken.has(mountPath)) {
      problem(`mount with duplicate container file path found: ${mountPath}. Mount one of them elsewhere.`, "mountPath")
    }
    if (name !== "" && !volumes.has(name)) {
      problem(`mount name, ${name}, does not correspond to a volume. Declare it under volumes.`, "name")
    }
    taken.add(mountPath)
    return { name, mountPath }
  })
}
