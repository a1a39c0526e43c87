import { createSecureContext, type SecureContext } from "node:tls"

let last: { ca: string; context: SecureContext } | undefined

/**
 * The authorities of a PEM text, read once: a system's own set of them takes longer to read than a handshake takes, and one builder
 * trusts one set. Errors: the text is no PEM.
 */
export function trustOf(ca: string): SecureContext {
  if (last?.ca !== ca) last = { ca, context: createSecureContext({ ca }) }
  return last.context
}
