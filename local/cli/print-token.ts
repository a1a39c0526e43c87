import { z } from "zod"
import { accessToken } from "../access-token.ts"
import { readLocalSettings } from "../config.ts"
import { readStack } from "../stack.ts"
import { readRunningSupervisor } from "../supervisor/supervisor-file.ts"
import { parseArguments } from "./parse-arguments.ts"
import { complain, say } from "./terminal.ts"

const HELP = `npm run -s token [-- --role reader|runner|admin]

Prints an access token for the stack's API, good for an hour; role admin unless told otherwise.
  curl --cacert .slipway/ca/ca.pem -H "Authorization: Bearer $(npm run -s token)" \\
    "https://localhost:8443/subscriptions?api-version=2019-11-01"`

const Role = z.enum(["reader", "runner", "admin"], "--role takes reader, runner or admin")

/** `npm run -s token`. */
export async function printToken(args: string[]): Promise<number> {
  const parsed = parseArguments(args, { role: { type: "string" } }, HELP)
  if ("exit" in parsed) return parsed.exit
  try {
    const role = Role.safeParse(parsed.values.role ?? "admin")
    if (!role.success) throw new Error(role.error.issues[0]?.message)
    const { SLIPWAY_DATA: dataFolder } = readLocalSettings()
    const stack = await readStack(dataFolder)
    if (stack === undefined || readRunningSupervisor(dataFolder) === undefined) {
      throw new Error(`no stack runs on ${dataFolder}: start it with npm start`)
    }
    say(await accessToken(stack, role.data))
    return 0
  } catch (error) {
    complain(error)
    return 1
  }
}
