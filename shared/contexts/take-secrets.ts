import { isSecretName } from "../secrets/is-secret-name.ts"
import type { SourceLocation } from "./source-location.ts"

/** What a location must not be stored, shown or logged with. Empty when it held nothing secret. */
export type SourceSecrets = {
  /** User and password of the URL; a lone user is a token, which every host takes as a password (task-file 7.4). */
  login?: { userName: string; password: string } | undefined
  /** Pairs of the query as they were written, joined by `&`. */
  query?: string | undefined
}

/** The user name that stands in for the missing one of a lone token, as ACR does. */
const TOKEN_USER = "dummy"
/** Signatures and keys of SAS, S3, Google and the like; `isSecretName` knows the names that say it themselves. */
const SIGNATURES =
  /^(?:sig|signature|code|x-(?:amz|goog|oss|cos)-(?:signature|credential)|awsaccesskeyid|googleaccessid)$/i

/** Takes user, password and signatures out of a location; what remains can be stored, shown and logged. */
export function takeSecrets<T extends SourceLocation>(location: T): { location: T; secrets: SourceSecrets } {
  if (location.type !== "git" && location.type !== "archive") return { location, secrets: {} }
  const { url, login } = takeLogin(location.url)
  const { rest, query } = takeQuery(url)
  return {
    location: { ...location, url: rest },
    secrets: { ...(login !== undefined && { login }), ...(query !== undefined && { query }) },
  }
}

/** The texts by which these secrets would show up in a log; `createMasker` knows their encodings. */
export function secretTexts({ login, query }: SourceSecrets): string[] {
  const values = (query ?? "").split("&").flatMap((pair) => {
    const value = pair.slice(pair.indexOf("=") + 1)
    return [value, decoded(value)]
  })
  const logins = login === undefined ? [] : [login.password, `${login.userName}:${login.password}`]
  return [...new Set([...logins, ...values])].filter((text) => text !== "" && text !== ":")
}

/** The URL with the pairs that {@link takeSecrets} took out, for the one request that needs them. */
export function withSecretQuery(url: string, { query }: SourceSecrets): string {
  if (query === undefined) return url
  const hash = url.indexOf("#")
  const [before, fragment] = hash < 0 ? [url, ""] : [url.slice(0, hash), url.slice(hash)]
  return `${before}${before.includes("?") ? "&" : "?"}${query}${fragment}`
}

function takeLogin(url: string): { url: string; login?: { userName: string; password: string } } {
  const match = /^([a-z]+:\/\/)([^/?#]*)@(.*)$/s.exec(url)
  if (match === null) return { url }
  const [, scheme = "", userInfo = "", rest = ""] = match
  if (userInfo === "" || userInfo === ":") return { url: `${scheme}${rest}` }
  const colon = userInfo.indexOf(":")
  const user = colon < 0 ? userInfo : userInfo.slice(0, colon)
  if (scheme === "ssh://") {
    // The user of ssh is part of the address; a password there is of no use, but still one.
    if (colon < 0) return { url }
    return {
      url: `${scheme}${user}@${rest}`,
      login: { userName: decoded(user), password: decoded(userInfo.slice(colon + 1)) },
    }
  }
  const login =
    colon < 0
      ? { userName: TOKEN_USER, password: decoded(user) }
      : { userName: decoded(user), password: decoded(userInfo.slice(colon + 1)) }
  return { url: `${scheme}${rest}`, login }
}

function takeQuery(url: string): { rest: string; query?: string } {
  const match = /^([^?#]*)\?([^#]*)(.*)$/s.exec(url)
  if (match === null) return { rest: url }
  const [, before = "", text = "", fragment = ""] = match
  const pairs = text.split("&")
  const isSecret = (pair: string) => {
    const name = decoded(pair.split("=")[0] ?? "")
    return SIGNATURES.test(name) || isSecretName(name)
  }
  const secret = pairs.filter(isSecret)
  if (secret.length === 0) return { rest: url }
  const plain = pairs.filter((pair) => !isSecret(pair))
  return { rest: `${before}${plain.length === 0 ? "" : `?${plain.join("&")}`}${fragment}`, query: secret.join("&") }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
