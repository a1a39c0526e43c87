import { isIP } from "node:net"
import { FunctionMistake } from "../template-mistake.ts"
import { define, defineWith, type FunctionTable } from "./define-function.ts"

/** sprig 2.22's functions on paths (Go's package `path`: slashes only) and on what is around a run. */
export const pathFunctions: FunctionTable = {
  base: define("func(string) string", (path) => {
    if (path === "") return "."
    let end = path.length
    while (end > 0 && path.charAt(end - 1) === "/") end--
    return end === 0 ? "/" : path.slice(path.lastIndexOf("/", end - 1) + 1, end)
  }),
  clean: define("func(string) string", cleanPath),
  dir: define("func(string) string", (path) => cleanPath(path.slice(0, path.lastIndexOf("/") + 1))),
  env: defineWith("func(string) string", ({ environment }, name) => variable(environment, name)),
  expandenv: defineWith("func(string) string", ({ environment }, text) => expand(environment, text)),
  ext: define("func(string) string", (path) => {
    const dot = path.lastIndexOf(".")
    return dot < 0 || path.includes("/", dot) ? "" : path.slice(dot)
  }),
  // Rendering is pure: the service asks no network for a template. Addresses and `localhost` (RFC 6761) need no lookup.
  getHostByName: define("func(string) string", (name) => {
    if (isIP(name) !== 0) return name
    if (/^(?:.+\.)?localhost\.?$/i.test(name)) return "127.0.0.1"
    throw new FunctionMistake(`host names are not looked up in templates ("${name}")`)
  }),
  isAbs: define("func(string) bool", (path) => path.startsWith("/")),
}

/** Go's `path.Clean`. */
export function cleanPath(path: string): string {
  if (path === "") return "."
  const isRooted = path.startsWith("/")
  const parts: string[] = []
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue
    if (part !== "..") parts.push(part)
    else if (parts.length > 0 && parts.at(-1) !== "..") parts.pop()
    else if (!isRooted) parts.push(part)
  }
  return (isRooted ? "/" : "") + parts.join("/") || "."
}

function variable(environment: Readonly<Record<string, string>>, name: string): string {
  return Object.hasOwn(environment, name) ? (environment[name] ?? "") : ""
}

/** Go's `os.Expand`: `$NAME`, `${NAME}` and one special character; what is no name is eaten with its `$`. */
function expand(environment: Readonly<Record<string, string>>, text: string): string {
  const lastClose = text.lastIndexOf("}")
  let expanded = ""
  let at = 0
  for (let dollar = text.indexOf("$"); dollar >= 0; dollar = text.indexOf("$", at)) {
    const { name, end } = shellName(text, dollar + 1, lastClose)
    const isLiteral = name === undefined && end === dollar + 1
    expanded += text.slice(at, isLiteral ? end : dollar) + (name === undefined ? "" : variable(environment, name))
    at = end
  }
  return expanded + text.slice(at)
}

/** The name behind a `$`, and where the text goes on. */
function shellName(text: string, start: number, lastClose: number): { name: string | undefined; end: number } {
  if (text.charAt(start) === "{") {
    // Without an end, or a name, only the mark is eaten.
    if (lastClose < start) return { name: undefined, end: start + 1 }
    const close = text.indexOf("}", start)
    return { name: close === start + 1 ? undefined : text.slice(start + 1, close), end: close + 1 }
  }
  const name = /^(?:[*#$@!?\-0-9]|[A-Za-z_][A-Za-z0-9_]*)/.exec(text.slice(start, start + 1000))?.[0]
  return { name, end: start + (name?.length ?? 0) }
}
