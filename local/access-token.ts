import { readFile } from "node:fs/promises"
import path from "node:path"
import { z } from "zod"
import { httpsCall } from "./https-call.ts"
import { servicePrincipalOf } from "./principal-of.ts"
import type { StackState } from "./stack-state.ts"
import { publicUrl } from "./stack-urls.ts"

const TokenAnswer = z.object({ access_token: z.string() })
const Refusal = z.object({ error_description: z.string() })

/** An access token of the stack's service principal with this role, asked for as any client would. */
export async function accessToken(stack: StackState, role: "reader" | "runner" | "admin"): Promise<string> {
  const principal = servicePrincipalOf(stack, role)
  const url = publicUrl(stack)
  const answer = await httpsCall(`${url}/adfs/oauth2/token`, {
    method: "POST",
    ca: await readFile(path.join(stack.dataFolder, "ca", "ca.pem"), "utf8"),
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({
      grant_type: "client_credentials",
      client_id: principal.id,
      client_secret: principal.secret,
      scope: `${url}/.default`,
    }).toString(),
  })
  const content: unknown = JSON.parse(answer.body.toString("utf8"))
  if (answer.status === 200) return TokenAnswer.parse(content).access_token
  throw new Error(
    `the sign-in authority refused: ${Refusal.safeParse(content).data?.error_description ?? answer.status}`,
  )
}
