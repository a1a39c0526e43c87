import { AppError } from "../errors.ts"

/** Roles of the API, each with all rights of those before it (architecture, decision 2). */
export const ROLES = ["reader", "runner", "admin"] as const
export type Role = (typeof ROLES)[number]

/** Who calls: `oid`, else `sub`, of a verified token, and what it may do. */
export type Principal = { id: string; roles: readonly Role[] }

/** Errors: `AuthorizationFailed` that names the role that is missing. */
export function requireRole(principal: Principal, role: Role): void {
  const needed = ROLES.indexOf(role)
  if (principal.roles.some((one) => ROLES.indexOf(one) >= needed)) return
  throw new AppError(
    "AuthorizationFailed",
    `The client '${principal.id}' does not have authorization to perform this action: it needs the role '${role}'. Assign that app role to it and sign in again.`,
  )
}
