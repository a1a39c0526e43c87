import { z } from "zod"
import { AppError } from "../errors.ts"

/** Where a list goes on: opaque to clients, inside `nextLink` only (`arm-contract` 4). */
const SkipToken = z.object({
  before: z.string().regex(/^[0-9a-z]{1,12}$/),
  remaining: z.number().int().min(1).optional(),
})
export type SkipToken = z.infer<typeof SkipToken>

/** Errors: `InvalidRequestParameter` for a token that is not ours. */
export function readSkipToken(text: string | undefined): SkipToken | undefined {
  if (text === undefined) return undefined
  try {
    return SkipToken.parse(JSON.parse(Buffer.from(text, "base64url").toString()))
  } catch (cause) {
    throw new AppError(
      "InvalidRequestParameter",
      "The query parameter $skipToken is not one of ours; follow nextLink as it is.",
      {
        target: "$skipToken",
        cause,
      },
    )
  }
}

/**
 * The absolute link to the next page: the request's own address with the token added. az merges its own query into it and
 * follows every link until there is none (az-cli 1).
 */
export function nextLink(publicUrl: string, requestUrl: URL, token: SkipToken): string {
  const link = new URL(requestUrl.pathname + requestUrl.search, publicUrl)
  link.searchParams.set("$skipToken", Buffer.from(JSON.stringify(token)).toString("base64url"))
  return link.toString()
}

/** `$top`, a whole number from 1. Errors: `InvalidRequestParameter`. */
export function readTop(text: string | undefined): number | undefined {
  if (text === undefined || text === "") return undefined
  const top = Number(text)
  if (Number.isInteger(top) && top >= 1 && top <= 2_147_483_647) return top
  throw new AppError(
    "InvalidRequestParameter",
    `The query parameter $top must be a whole number from 1; it is '${text}'.`,
    {
      target: "$top",
    },
  )
}
