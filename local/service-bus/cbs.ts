import { type AmqpEvent, amqp, type Connection } from "./amqp.ts"
import { readRequest, reply } from "./reply.ts"
import { checkSasToken, type SharedKey } from "./sas-token.ts"

/**
 * Claims-based security: a client puts a token for a resource on its connection before it opens links
 * (https://learn.microsoft.com/azure/service-bus-messaging/service-bus-amqp-protocol-guide, "Claims-based authorization").
 */
export function createClaims(shared: SharedKey, now: () => number) {
  const byConnection = new WeakMap<Connection, Map<string, number>>()
  return {
    /** Serves the `$cbs` node: one put-token request. */
    onRequest({ connection, message, delivery }: Pick<AmqpEvent, "connection" | "message" | "delivery">) {
      const request = readRequest(message)
      delivery.accept()
      const answer = (status: number, description: string) =>
        reply(connection, request, { "status-code": amqp.types.wrap_int(status), "status-description": description })
      const { operation, type } = request.application_properties ?? {}
      if (operation !== "put-token") return answer(400, `Operation ${String(operation)} is unknown.`)
      if (type !== "servicebus.windows.net:sastoken")
        return answer(401, "Only shared access signatures are accepted here.")
      const check = checkSasToken(String(request.body), shared, now())
      if (!check.ok) return answer(401, check.why)
      const claims = byConnection.get(connection) ?? new Map<string, number>()
      byConnection.set(connection, claims.set(check.resource, check.expiresAt))
      answer(202, "Accepted")
    },
    /** Whether the connection holds a token for this address or for a path above it. */
    allow(connection: Connection, address: string): boolean {
      const path = address.toLowerCase()
      return [...(byConnection.get(connection) ?? [])].some(
        ([resource, expiresAt]) =>
          expiresAt > now() && (resource === "" || path === resource || path.startsWith(`${resource}/`)),
      )
    },
  }
}
