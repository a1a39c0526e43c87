import { realpathSync } from "node:fs"
import { posix, relative } from "node:path"
import { EngineError } from "./engine-error.ts"

/**
 * podman whose builds resolve mounts below folders of the host without following links safely: CVE-2024-1753, CVE-2024-9407,
 * CVE-2024-9675 and CVE-2024-11218. Distributions that patch an older version cannot be told apart, so they count too.
 */
const SAFE_SINCE = [5, 3, 2] as const

export function hasUnsafeMounts(version: string): boolean {
  const parts = version.split(/[.-]/).map(Number)
  for (const [at, wanted] of SAFE_SINCE.entries()) {
    const part = parts[at] ?? 0
    if (part !== wanted) return !(part > wanted)
  }
  return false
}

const PLAIN_FLAG = /^--[a-z]+(?:=[\w.,:/=@+-]*)?$/
const TYPES = new Set(["bind", "cache", "secret", "ssh", "tmpfs"])
const FIELDS = new Set(
  "type id target dst destination source src from ro readonly rw readwrite sharing mode uid gid required size".split(
    " ",
  ),
)

/**
 * Refuses what makes such a podman mount a folder of the host into a build: traversing cache ids, sources inside other stages,
 * links out of the context. Every way in which a podman may cut the file into lines is read: old ones know no heredocs,
 * so what stands in one counts as instructions.
 */
export function refuseUnsafeMounts(text: string, contextFolder: string): void {
  const flags = new Set(readings(text).flatMap((lines) => lines.flatMap(flagsOf)))
  const mounts = [...flags].flatMap(readFlag)
  const isContextWritable = mounts.some((mount) => mount.type === "bind" && (mount.isWritable || mount.from !== ""))
  for (const mount of mounts) {
    if (mount.type === "cache" || mount.type === "bind") checkSource(mount, contextFolder, isContextWritable)
  }
  const folders = new Set(mounts.filter(({ type }) => type === "cache").map(({ folder }) => folder))
  for (const folder of folders) {
    const outer = [...folders].find((other) => other !== folder && isBelow(other, folder))
    // What stands in a cache is the build's own to choose: also a link, which the inner mount would follow.
    if (outer !== undefined) refuse(`cache mounts inside one another ("${outer}", "${folder}")`)
  }
}

type Mount = {
  flag: string
  type: string
  from: string
  source: string
  isWritable: boolean
  /** Where a cache lies below podman's folder of caches. */
  folder: string
}

function readings(text: string): string[][] {
  const lines = text
    .replace(/^\uFEFF/, "")
    .replaceAll("\u0085", " ")
    .split(/\r?\n|\r/)
    .filter((line) => line.trim() !== "" && !line.trimStart().startsWith("#"))
  const whole = lines.join("\n")
  const continuations = [/\\[ \t]*\n/g, /(?<!\\)\\[ \t]*\n/g, /`[ \t]*\n/g, /(?<!`)`[ \t]*\n/g]
  const joined = continuations.flatMap((continuation) => [
    whole.replace(continuation, ""),
    whole.replace(new RegExp(`${continuation.source}\\s*`, "g"), ""),
  ])
  return [whole, ...joined].map((reading) => reading.split("\n"))
}

function flagsOf(line: string): string[] {
  const rest = /^\s*(?:ONBUILD\s+)*RUN\s+(.*)$/is.exec(line)?.[1]
  const words = rest?.split(/\s+/) ?? []
  const end = words.findIndex((word) => !word.startsWith("--") || word === "--")
  return words.slice(0, end < 0 ? words.length : end)
}

function readFlag(flag: string): Mount[] {
  // podman expands variables, quotes and escapes in flags, so the flag's own name may be hidden by them.
  if (!PLAIN_FLAG.test(flag)) refuse(`RUN ${flag}: quotes, escapes and variables in flags of RUN`)
  if (flag === "--network=default" || flag === "--network=none") return []
  const fields = /^--mount=(.+)$/.exec(flag)?.[1]?.split(",")
  if (fields === undefined) return refuse(`RUN ${flag}`)
  const values = new Map<string, string>()
  for (const field of fields) {
    const [, name = "", value = ""] = /^([^=]*)=?(.*)$/.exec(field) ?? []
    const key = { src: "source", dst: "target", destination: "target", readwrite: "rw" }[name] ?? name
    if (!FIELDS.has(name) || values.has(key)) refuse(`RUN ${flag}: the field "${name}"`)
    values.set(key, value)
  }
  const type = values.get("type") ?? "bind"
  if (!TYPES.has(type)) refuse(`RUN ${flag}: the type "${type}"`)
  const id = values.get("id") ?? ""
  if (type === "cache" && /^\.*$|\/|\.\./.test(id) && id !== "") refuse(`RUN ${flag}: a cache id with "/" or ".."`)
  const target = values.get("target") ?? ""
  if (type === "cache" && id === "" && (!target.startsWith("/") || target.split("/").includes(".."))) {
    refuse(`RUN ${flag}: a cache without an id whose target is not absolute or holds ".."`)
  }
  const isWritable = values.has("rw") || (values.get("ro") ?? values.get("readonly")) === "false"
  const folder = id === "" ? posix.join("/", target).replace(/^\/+|\/+$/g, "") : id
  return [{ flag, type, from: values.get("from") ?? "", source: values.get("source") ?? "", isWritable, folder }]
}

function checkSource({ flag, type, from, source }: Mount, contextFolder: string, isContextWritable: boolean): void {
  if (source === "") return
  if (type === "cache") refuse(`RUN ${flag}: a source inside a cache`)
  if (from !== "") refuse(`RUN ${flag}: a source inside another stage or image (COPY --from= can do it)`)
  if (isContextWritable) refuse(`RUN ${flag}: a source beside writable mounts or mounts with from=`)
  if (source.startsWith("/") || source.split("/").includes("..")) {
    refuse(`RUN ${flag}: a source that is absolute or holds ".."`)
  }
  try {
    const context = realpathSync(contextFolder)
    const path = realpathSync(posix.join(context, source))
    if (path === context || isBelow(context, path)) return
  } catch {
    // podman says itself what is missing.
    return
  }
  refuse(`RUN ${flag}: a source that is a link out of the context`)
}

function isBelow(folder: string, path: string): boolean {
  const way = relative(`/${folder}`, `/${path}`)
  return way !== "" && way !== ".." && !way.startsWith("../")
}

function refuse(what: string): never {
  throw new EngineError("DockerfileInvalid", `this podman cannot be given safely: ${what}; podman 5.3.2 or docker can`)
}
