import { createHash, timingSafeEqual } from "node:crypto"
import { z } from "zod"
import { AppError } from "../errors.ts"

/** The envelope that a CNCF registry posts (distribution, "Work with notifications"); what we do not use is not read. */
const Notification = z.object({
  events: z.array(
    z.object({
      action: z.string(),
      target: z.object({ repository: z.string(), digest: z.string().optional(), tag: z.string().optional() }),
      request: z.object({ host: z.string().optional() }).optional(),
    }),
  ),
})

export type PushedImage = { registry: string | undefined; repository: string; tag: string; digest: string }

/**
 * The tags that a notification says were pushed. Errors: `AuthenticationFailed` unless the bearer token is the one of the
 * settings; `InvalidRequestContent` for anything that is no notification.
 */
export function readPushNotification(
  authorization: string | null,
  token: string | undefined,
  body: unknown,
): PushedImage[] {
  const given = /^Bearer +(\S+)$/i.exec(authorization ?? "")?.[1]
  if (token === undefined || given === undefined || !isSame(given, token)) {
    throw new AppError(
      "AuthenticationFailed",
      "A registry notification needs the bearer token of SLIPWAY_REGISTRY_EVENTS_TOKEN.",
    )
  }
  const parsed = Notification.safeParse(body)
  if (!parsed.success)
    throw new AppError("InvalidRequestContent", "This is no registry notification.", { cause: parsed.error })
  return parsed.data.events.flatMap(({ action, target, request }) => {
    const { repository, tag, digest } = target
    return action === "push" && tag !== undefined && digest !== undefined
      ? [{ registry: request?.host, repository, tag, digest }]
      : []
  })
}

/** Constant-time, whatever the lengths. */
function isSame(left: string, right: string): boolean {
  const hash = (text: string) => createHash("sha256").update(text).digest()
  return timingSafeEqual(hash(left), hash(right))
}
