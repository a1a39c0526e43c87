import { z } from "zod"
import type { AppFunction } from "../app/core-types.ts"
import { expandSettings } from "../app/expand-settings.ts"
import type { HttpRoute } from "./route-table.ts"

const HttpTrigger = z.object({
  authLevel: z.string().default("function"),
  methods: z.array(z.string()).optional(),
  route: z.string().optional(),
})
/** What a trigger without methods takes. */
const everyMethod = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]

/** The route of an HTTP function. Errors: what this host cannot do as Azure would, said at load. */
export function httpRouteOf(fn: AppFunction, routePrefix: string, appSettings: Record<string, string>): HttpRoute {
  const trigger = HttpTrigger.parse(fn.trigger)
  if (trigger.authLevel.toLowerCase() !== "anonymous") {
    throw new Error(`authLevel "${trigger.authLevel}" needs keys, which this host does not have: use "anonymous"`)
  }
  const route = expandSettings(trigger.route ?? fn.name, appSettings)
  if (/^\//.test(route)) throw new Error(`route "${route}" must not start with "/"`)
  const template = [routePrefix.replace(/^\/+|\/+$/g, ""), route].filter((part) => part !== "").join("/")
  if (/^(admin|runtime)(\/|$)/i.test(template)) throw new Error(`route "${template}" belongs to the host in Azure`)
  const methods = trigger.methods === undefined || trigger.methods.length === 0 ? everyMethod : trigger.methods
  return { fn, template, methods: methods.map((method) => method.toUpperCase()) }
}
