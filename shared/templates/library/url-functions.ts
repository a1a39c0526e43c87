import { FunctionMistake } from "../template-mistake.ts"
import { type GoMap, mapOf } from "../values/go-value.ts"
import { kindOf } from "../values/type-of.ts"
import { define, type FunctionTable } from "./define-function.ts"
import { parseUrl, parseUserInfo } from "./parse-url.ts"
import { writeUrl } from "./write-url.ts"

/** sprig 2.22's functions on addresses (Go's package `net/url`). */
export const urlFunctions: FunctionTable = {
  urlJoin: define("func(map[string]interface {}) string", (parts) => {
    const userinfo = textIn(parts, "userinfo")
    const user = userinfo === "" ? undefined : parseUserInfo(userinfo)
    if (user !== undefined && "problem" in user) {
      const problem = `parse ${JSON.stringify(`proto://${userinfo}@host`)}: ${user.problem}`
      throw new FunctionMistake(`unable to parse userinfo in dict: ${problem}`)
    }
    return writeUrl({
      scheme: textIn(parts, "scheme"),
      host: textIn(parts, "host"),
      path: textIn(parts, "path"),
      rawPath: "",
      query: textIn(parts, "query"),
      opaque: textIn(parts, "opaque"),
      fragment: textIn(parts, "fragment"),
      user,
    })
  }),
  urlParse: define("func(string) map[string]interface {}", (text) => {
    const url = parseUrl(text)
    if ("problem" in url)
      throw new FunctionMistake(`unable to parse url: parse ${JSON.stringify(text)}: ${url.problem}`)
    return mapOf([
      ["fragment", url.fragment],
      ["host", url.host],
      ["hostname", hostnameOf(url.host)],
      ["opaque", url.opaque],
      ["path", url.path],
      ["query", url.query],
      ["scheme", url.scheme],
      ["userinfo", url.user === undefined ? "" : url.user.text],
    ])
  }),
}

function textIn({ entries }: GoMap, key: string): string {
  if (!entries.has(key)) return ""
  const value = entries.get(key) ?? null
  if (typeof value === "string") return value
  if (value === null) throw new FunctionMistake("runtime error: invalid memory address or nil pointer dereference")
  throw new FunctionMistake(`unable to parse ${key} key, must be of type string, but ${kindOf(value)} found`)
}

function hostnameOf(host: string): string {
  const withoutPort = host.replace(/:[0-9]*$/, "")
  return withoutPort.startsWith("[") && withoutPort.endsWith("]") ? withoutPort.slice(1, -1) : withoutPort
}
