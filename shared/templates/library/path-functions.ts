import { isIP } from "node:net"
import { FunctionMistake } from "../template-mistake.ts"
import { define, defineWith, type FunctionTable } from "./define-function.ts"

/** sprig 2.22's functions on paths (Go's package `path`: slashes only) and on what is around a run. */
export const pathFunctions: FunctionTable = {
  base: define("func(string) string", (path) => {
    if (path === "") return "."
    const trimmed = path.replace(/\/+$/, "")
    return trimmed === "" ? "/" : trimmed.slice(trimmed.lastIndexOf("/") + 1)
  }),
  clean: define("func(string) string", cleanPath),
  dir: define("func(string) string", (path) => cleanPath(path.slice(0, path.lastIndexOf("/") + 1))),
  env: defineWith("func(string) string", ({ environment }, name) => variable(environment, name)),
  expandenv: defineWith("func(string) string", ({ environment }, text) => expand(environment, text)),
  ext: define("func(string) string", (path) => /\.[^./]*$/.exec(path)?.[0] ?? ""),
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
  const pattern = /\$(?:\{([^}]*)\}|([*#$@!?\-0-9])|([A-Za-z_][A-Za-z0-9_]*)|(\{))/g
  return text.replace(pattern, (_whole, braced?: string, special?: string, name?: string) => {
    if (braced !== undefined)
      return /^(?:[*#$@!?\-0-9]|[^*#$@!?\-0-9{}][^{}]*)$/.test(braced) ? variable(environment, braced) : ""
    return variable(environment, special ?? name ?? "")
  })
}
