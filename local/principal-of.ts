import type { StackState } from "./stack-state.ts"

type Principal = StackState["principals"][number]

/** The service principal that has exactly this role. Errors: a `stack.json` without one. */
export function servicePrincipalOf(stack: Pick<StackState, "principals">, role: Principal["roles"][number]): Principal {
  const found = stack.principals.find(({ kind, roles }) => kind === "servicePrincipal" && roles.includes(role))
  if (found === undefined) throw new Error(`stack.json has no service principal with the role ${role}`)
  return found
}
