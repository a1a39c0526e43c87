import { textOf } from "../values/go-text.ts"
import { escapeUrl } from "./write-url.ts"

/** `text` is the user as it goes back into an address. */
export type UserInfo = { text: string }
export type Url = {
  scheme: string
  host: string
  path: string
  /** The path as it was written, when escaping the path again would not give it. */
  rawPath: string
  query: string
  opaque: string
  fragment: string
  user: UserInfo | undefined
}
type Problem = { problem: string }

/** Go's `url.Parse`: its parts, unescaped as Go does, or its problem. */
export function parseUrl(text: string): Url | Problem {
  const hash = text.indexOf("#")
  const fragment = hash < 0 ? "" : unescapeUrl(text.slice(hash + 1), "fragment")
  if (typeof fragment !== "string") return fragment
  let rest = hash < 0 ? text : text.slice(0, hash)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what an address must not hold.
  if (/[\x00-\x1f\x7f]/.test(rest)) return { problem: "net/url: invalid control character in URL" }
  const url: Url = { scheme: "", host: "", path: "", rawPath: "", query: "", opaque: "", fragment, user: undefined }
  if (rest === "*") return { ...url, path: "*" }
  if (rest.startsWith(":")) return { problem: "missing protocol scheme" }
  const scheme = /^([A-Za-z][A-Za-z0-9+\-.]*):/.exec(rest)?.[1]
  if (scheme !== undefined) {
    url.scheme = scheme.toLowerCase()
    rest = rest.slice(scheme.length + 1)
  }
  const question = rest.indexOf("?")
  if (question >= 0) {
    url.query = rest.slice(question + 1)
    rest = rest.slice(0, question)
  }
  if (!rest.startsWith("/")) {
    if (url.scheme !== "") return { ...url, opaque: rest }
    const [segment = ""] = rest.split("/")
    if (segment.includes(":")) return { problem: "first path segment in URL cannot contain colon" }
  }
  if ((url.scheme !== "" || !rest.startsWith("///")) && rest.startsWith("//")) {
    const slash = rest.indexOf("/", 2)
    const authority = parseAuthority(slash < 0 ? rest.slice(2) : rest.slice(2, slash))
    if ("problem" in authority) return authority
    Object.assign(url, authority)
    rest = slash < 0 ? "" : rest.slice(slash)
  }
  const path = unescapeUrl(rest, "path")
  if (typeof path !== "string") return path
  return { ...url, path, rawPath: escapeUrl(path, "path") === rest ? "" : rest }
}

/** The user and password before a host, or Go's problem. */
export function parseUserInfo(text: string): UserInfo | Problem {
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(text)) return { problem: "net/url: invalid userinfo" }
  const colon = text.indexOf(":")
  const name = unescapeUrl(colon < 0 ? text : text.slice(0, colon), "user")
  const password = colon < 0 ? undefined : unescapeUrl(text.slice(colon + 1), "user")
  if (typeof name !== "string") return name
  if (typeof password === "object") return password
  return { text: escapeUrl(name, "user") + (password === undefined ? "" : `:${escapeUrl(password, "user")}`) }
}

function parseAuthority(text: string): { host: string; user: UserInfo | undefined } | Problem {
  const at = text.lastIndexOf("@")
  const host = parseHost(text.slice(at + 1))
  if (typeof host !== "string") return host
  if (at < 0) return { host, user: undefined }
  const user = parseUserInfo(text.slice(0, at))
  return "problem" in user ? user : { host, user }
}

function parseHost(host: string): string | Problem {
  const close = host.lastIndexOf("]")
  if (host.startsWith("[") && close < 0) return { problem: "missing ']' in host" }
  const port = host.startsWith("[")
    ? host.slice(close + 1)
    : host.includes(":")
      ? host.slice(host.lastIndexOf(":"))
      : ""
  if (!/^(?::[0-9]*)?$/.test(port)) return { problem: `invalid port ${JSON.stringify(port)} after host` }
  return unescapeUrl(host, "host")
}

function unescapeUrl(text: string, mode: "path" | "fragment" | "user" | "host"): string | Problem {
  for (const [found] of text.matchAll(/%.{0,2}/gsu)) {
    if (!/^%[0-9a-fA-F]{2}$/.test(found)) return { problem: `invalid URL escape ${JSON.stringify(found)}` }
    // In a host only what is no ASCII may be escaped.
    if (mode === "host" && Number.parseInt(found.charAt(1), 16) < 8 && found !== "%25") {
      return { problem: `invalid URL escape ${JSON.stringify(found)}` }
    }
  }
  const wrong = mode === "host" ? /[^A-Za-z0-9\-._~!$&'()*+,;=:[\]<>"%\u0080-\uffff]/.exec(text)?.[0] : undefined
  if (wrong !== undefined) return { problem: `invalid character ${JSON.stringify(wrong)} in host name` }
  return text.replace(/(?:%[0-9a-fA-F]{2})+/g, (escapes) => textOf(Buffer.from(escapes.replaceAll("%", ""), "hex")))
}
