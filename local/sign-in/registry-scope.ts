import type { Role } from "./sign-in-config.ts"

export type RegistryAccess = { type: string; name: string; actions: string[] }

/** What each role may do in a repository; ACR's built-in roles AcrPull, AcrPush and Contributor. */
const REPOSITORY_ACTIONS: Record<Role, string[]> = {
  reader: ["pull"],
  runner: ["pull", "push"],
  admin: ["pull", "push", "delete"],
}
/** ACR's own names for what the CNCF registry knows as `pull`: az reads tags and manifests with it. */
const ALIASES: Record<string, string> = { metadata_read: "pull" }
const REPOSITORY_NAME = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*$/

/**
 * What of the asked `scopes` these roles are granted; what is not granted is left out, and the registry then refuses
 * (distribution's token specification, "Requesting a Token"). `*` asks for everything the role has. The catalog is for
 * administrators. Source: https://distribution.github.io/distribution/spec/auth/scope/
 */
export function grantAccess(scopes: string[], roles: Role[]): RegistryAccess[] {
  const granted = new Map<string, RegistryAccess>()
  for (const scope of scopes.flatMap((text) => text.split(" "))) {
    const parsed = /^([a-z]+)(?:\([a-z]+\))?:(.+):([a-z_,*]*)$/.exec(scope)
    if (parsed === null) continue
    const [, type = "", name = "", actions = ""] = parsed
    const allowed = allowedActions(type, name, roles)
    const asked = actions.split(",").map((action) => ALIASES[action] ?? action)
    const given = allowed.filter((action) => asked.includes(action) || asked.includes("*"))
    const before = granted.get(`${type}:${name}`)?.actions ?? []
    if (given.length + before.length > 0) {
      granted.set(`${type}:${name}`, { type, name, actions: [...new Set([...before, ...given])] })
    }
  }
  return [...granted.values()]
}

function allowedActions(type: string, name: string, roles: Role[]): string[] {
  if (type === "registry") return name === "catalog" && roles.includes("admin") ? ["*"] : []
  if (type !== "repository" || !REPOSITORY_NAME.test(name)) return []
  return [...new Set(roles.flatMap((role) => REPOSITORY_ACTIONS[role]))]
}
