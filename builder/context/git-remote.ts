import { ContextError } from "./context-error.ts"

/** How a repository is reached. `origin` is what a token belongs to; ssh has none. */
export type GitRemote = { protocol: "https" | "http" | "ssh"; host: string; port: number; origin: string | undefined }

const SCP = /^[A-Za-z0-9_][\w.-]*@(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9][A-Za-z0-9.-]*):(?!\/\/)[^:]/
const PORTS = { https: 443, http: 80, ssh: 22 }

/** Reads where a URL or `git@host:path` leads; undefined for every other way, `file://` and local paths among them. */
export function gitRemote(url: string): GitRemote | undefined {
  const scp = SCP.exec(url)
  if (scp !== null) return { protocol: "ssh", host: scp[1] ?? "", port: PORTS.ssh, origin: undefined }
  const match = /^(https?|ssh):\/\//.exec(url)
  if (match === null || !URL.canParse(url) || /[\s\\]/.test(url)) return undefined
  const protocol = match[1] as keyof typeof PORTS
  const { hostname, port, username, origin } = new URL(url)
  // A host or user that begins with a dash would be an option to ssh.
  if (hostname === "" || hostname.startsWith("-") || username.startsWith("-")) return undefined
  return {
    protocol,
    host: hostname,
    port: Number(port || PORTS[protocol]),
    origin: protocol === "ssh" ? undefined : origin,
  }
}

/** Where ssh connects to for a remote of that kind: its words for port and host. */
export function sshTarget(url: string): string[] {
  const { user, host, port } = sshParts(url)
  const to = host.replace(/^\[|\]$/g, "")
  // Behind `--` nothing is an option.
  return [...(port === "" ? [] : ["-p", port]), "--", user === "" ? to : `${user}@${to}`]
}

/** The path of a repository on its host as git names it there. */
export function sshPath(url: string): string {
  return sshParts(url).path
}

function sshParts(url: string): { user: string; host: string; port: string; path: string } {
  if (!url.startsWith("ssh://")) {
    const [, user = "", host = "", path = ""] = /^([^@]+)@(\[[^\]]*\]|[^:]*):(.*)$/s.exec(url) ?? []
    return { user, host, port: "", path }
  }
  const { username, hostname, port, pathname } = new URL(url)
  const path = decoded(pathname)
  return { user: decoded(username), host: hostname, port, path: path.startsWith("/~") ? path.slice(1) : path }
}

/** As git reads a URL: what is no escape stays. */
function decoded(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (bytes) => Buffer.from(bytes.replaceAll("%", ""), "hex").toString())
}

/**
 * The URL of a submodule as `.gitmodules` names it, made absolute against its repository's as git does: `../x` takes the last part
 * away. Errors: ContextError when it climbs above the host.
 */
export function submoduleUrl(parent: string, url: string): string {
  if (!/^\.\.?(?:\/|$)/.test(url)) return url
  let base = parent.replace(/\/+$/, "")
  let rest = url
  for (;;) {
    if (rest.startsWith("./")) rest = rest.slice(2)
    else if (rest.startsWith("../")) {
      rest = rest.slice(3)
      base = parentOf(base)
    } else break
  }
  if (rest === ".." || rest === ".") throw climbs(url)
  const joint = base.endsWith(":") ? "" : "/"
  return `${base}${joint}${rest}`
}

function parentOf(base: string): string {
  const scheme = /^[a-z]+:\/\/[^/]*/.exec(base)?.[0]
  const slash = base.lastIndexOf("/")
  if (scheme !== undefined) {
    if (slash < scheme.length) throw climbs(base)
    return base.slice(0, slash)
  }
  if (slash >= 0) return base.slice(0, slash)
  const colon = base.indexOf(":")
  if (colon < 0 || colon === base.length - 1) throw climbs(base)
  return base.slice(0, colon + 1)
}

function climbs(url: string): ContextError {
  return new ContextError(`A submodule's relative address leads above its host, ${JSON.stringify(url.slice(0, 200))}.`)
}
