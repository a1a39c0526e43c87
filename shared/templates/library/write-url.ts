import { bytesOf } from "../values/go-text.ts"
import type { Url } from "./parse-url.ts"

const unescaped = {
  path: /[A-Za-z0-9\-_.~$&+,/:;=@]/,
  user: /[A-Za-z0-9\-_.~$&+,;=]/,
  fragment: /[A-Za-z0-9\-_.~$&+,/:;=?@!()*]/,
  host: /[A-Za-z0-9\-_.~!$&'()*+,;=:[\]<>"]/,
}

/** Go's `URL.String`. */
export function writeUrl(url: Url): string {
  let text = url.scheme === "" ? "" : `${url.scheme}:`
  if (url.opaque !== "") text += url.opaque
  else {
    if (url.scheme !== "" || url.host !== "" || url.user !== undefined) {
      if (url.host !== "" || url.path !== "" || url.user !== undefined) text += "//"
      if (url.user !== undefined) text += `${url.user.text}@`
      text += escapeUrl(url.host, "host")
    }
    const path = url.rawPath === "" ? escapePath(url.path) : url.rawPath
    if (path !== "" && !path.startsWith("/") && url.host !== "") text += "/"
    // A colon in the first segment would look like a scheme.
    if (text === "" && (path.split("/")[0] ?? "").includes(":")) text += "./"
    text += path
  }
  if (url.query !== "") text += `?${url.query}`
  return url.fragment === "" ? text : `${text}#${escapeUrl(url.fragment, "fragment")}`
}

/** Go's `escape` for one part of an address. */
export function escapeUrl(text: string, mode: keyof typeof unescaped): string {
  let escaped = ""
  for (const byte of bytesOf(text)) {
    const character = String.fromCharCode(byte)
    escaped += unescaped[mode].test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`
  }
  return escaped
}

function escapePath(path: string): string {
  return path === "*" ? "*" : escapeUrl(path, "path")
}
