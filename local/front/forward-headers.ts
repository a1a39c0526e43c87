import type { IncomingMessage } from "node:http"
import { TLSSocket } from "node:tls"

/** Belong to one connection, not to the message (RFC 9110 7.6.1). `expect` has been answered by our own server. */
const HOP_BY_HOP = new Set([
  "connection",
  "expect",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
])
/** What frames, addresses or authorises the message: no `Connection` header may take it away. */
const END_TO_END = /^(?:content-|host$|authorization$|x-forwarded-)/
/** Only a proxy in front of us may say such things, and there is none; the service trusts them from us. */
const OURS_TO_SAY = /^(?:forwarded$|x-forwarded-|x-real-ip$|x-original-|x-rewrite-url$|x-ms-client-principal)/i

/** Raw header pairs (`name, value, name, value`) without those of the connection; order, case and repeats stay. */
export function withoutHopByHop(raw: string[]): string[] {
  const named = new Set(
    pairs(raw)
      .filter(([name]) => name.toLowerCase() === "connection")
      .flatMap(([, value]) => value.split(",").map((token) => token.trim().toLowerCase()))
      .filter((name) => !END_TO_END.test(name)),
  )
  return pairs(raw)
    .filter(([name]) => !HOP_BY_HOP.has(name.toLowerCase()) && !named.has(name.toLowerCase()))
    .flat()
}

/** The same without what a client may not claim, and with what the service must know of the outside. */
export function asForwarded(raw: string[], client: { address: string; host: string; isSecure: boolean }): string[] {
  const kept = pairs(raw).filter(([name]) => !OURS_TO_SAY.test(name))
  return [
    ...kept.flat(),
    ...["X-Forwarded-Proto", client.isSecure ? "https" : "http"],
    ...["X-Forwarded-Host", client.host],
    ...["X-Forwarded-For", client.address],
  ]
}

function pairs(raw: string[]): [string, string][] {
  return Array.from({ length: raw.length / 2 }, (_, index) => [raw[2 * index] ?? "", raw[2 * index + 1] ?? ""])
}

/** What `asForwarded` tells of this request's client. */
export function clientOf(request: IncomingMessage): { address: string; host: string; isSecure: boolean } {
  return {
    address: request.socket.remoteAddress ?? "",
    host: request.headers.host ?? "",
    isSecure: request.socket instanceof TLSSocket,
  }
}
