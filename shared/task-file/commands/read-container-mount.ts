import { posix } from "node:path"
import { optionFields } from "./option-fields.ts"
import { WORKSPACE } from "./resolve-working-directory.ts"

/**
 * Something mounted into a container by `--volume` or `--mount`. `workspace`: a path below /workspace, cleaned, links not followed.
 * `volume`: a named one, which is the run's own. `anonymous` ones and `tmpfs` come and go with the container.
 */
export type ContainerMount = {
  source:
    | { type: "workspace"; path: string }
    | { type: "volume"; name: string }
    | { type: "anonymous" }
    | { type: "tmpfs" }
  target: string
  isReadOnly: boolean
}
/** `socket`: the engine's socket is asked for, which is the operator's to allow. */
export type ReadMount =
  | { ok: true; mount: ContainerMount }
  | { ok: true; socket: { target: string; isReadOnly: boolean } }
  | { ok: false; problem: string }

const SOCKET = /^\/(?:var\/)?run\/(?:docker|podman\/podman)\.sock$/
const VOLUME_NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/
/** How a volume may be mounted; labels and consistency change nothing here. */
const MODES = new Set(["ro", "rw", "z", "Z", "nocopy", "cached", "consistent", "delegated"])

/** `--volume [source:]target[:modes]`. Sources of the machine are refused: /workspace is what a run has of it. */
export function readVolumeOption(text: string): ReadMount {
  const parts = text.split(":")
  const [first = "", second, modes = ""] = parts
  if (parts.length > 3 || first === "" || second === "") return refused(`--volume ${text} is no source:target[:ro].`)
  if (second === undefined) return mountOf({ type: "anonymous" }, first, false, text)
  const wrong = modes.split(",").find((mode) => mode !== "" && !MODES.has(mode))
  if (wrong !== undefined) return refused(`--volume ${text}: the mode ${wrong} is not allowed; ro and rw are.`)
  const isReadOnly = modes.split(",").includes("ro")
  return sourced(first, second, isReadOnly, `--volume ${text}`, first.includes("/") || first.startsWith("."))
}

/** `--mount type=bind|volume|tmpfs,source=…,target=…[,readonly]`. */
export function readMountOption(text: string): ReadMount {
  const fields = new Map<string, string>()
  for (const { name, value = "true" } of optionFields(text)) {
    const key = name.toLowerCase()
    fields.set(MOUNT_KEYS[key] ?? key, value)
  }
  const wrong = [...fields.keys()].find((key) => !MOUNT_FIELDS.has(key))
  if (wrong !== undefined) return refused(`--mount ${text}: ${wrong} is not allowed here.`)
  const { type = "volume", source = "", target = "", readonly = "false" } = Object.fromEntries(fields)
  const isReadOnly = /^(?:true|t|1)?$/i.test(readonly)
  if (type === "tmpfs") return mountOf({ type: "tmpfs" }, target, isReadOnly, text)
  if (type !== "bind" && type !== "volume")
    return refused(`--mount ${text}: the type ${type} is not allowed; bind, volume and tmpfs are.`)
  if (type === "volume" && source === "") return mountOf({ type: "anonymous" }, target, isReadOnly, text)
  return sourced(source, target, isReadOnly, `--mount ${text}`, type === "bind")
}

/** A path below the workspace, as files of it are named in options; undefined for any other. Relative ones count from it. */
export function workspacePath(text: string): string | undefined {
  const path = posix.resolve(WORKSPACE, text)
  return text !== "" && (path === WORKSPACE || path.startsWith(`${WORKSPACE}/`)) ? path : undefined
}

const MOUNT_KEYS: Record<string, string> = { src: "source", dst: "target", destination: "target", ro: "readonly" }
const MOUNT_FIELDS = new Set([
  "type",
  "source",
  "target",
  "readonly",
  "consistency",
  "volume-nocopy",
  "tmpfs-size",
  "tmpfs-mode",
])

function sourced(source: string, target: string, isReadOnly: boolean, shown: string, isPath: boolean): ReadMount {
  if (!isPath) {
    if (VOLUME_NAME.test(source)) return mountOf({ type: "volume", name: source }, target, isReadOnly, shown)
    return refused(`${shown}: ${source} is no name of a volume.`)
  }
  if (SOCKET.test(posix.normalize(source))) return { ok: true, socket: { target, isReadOnly } }
  const path = workspacePath(source)
  if (path !== undefined) return mountOf({ type: "workspace", path }, target, isReadOnly, shown)
  return refused(
    `${shown}: ${source} is a path of the machine that builds; only paths below ${WORKSPACE} can be mounted.`,
  )
}

function mountOf(source: ContainerMount["source"], target: string, isReadOnly: boolean, shown: string): ReadMount {
  if (!target.startsWith("/")) return refused(`${shown}: the target ${target} is no absolute path.`)
  return { ok: true, mount: { source, target: posix.normalize(target), isReadOnly } }
}

function refused(problem: string): ReadMount {
  return { ok: false, problem }
}
