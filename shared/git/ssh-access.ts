import { readFile } from "node:fs/promises"
import { z } from "zod"
import { readPrivateKey } from "./read-private-key.ts"
import { withLineFeeds } from "./with-line-feeds.ts"

/**
 * A private key for repositories by ssh, and the hosts that it may be shown to (sshd(8), known_hosts), both as texts; or why there is
 * none, in one line that names the fix.
 */
export const SshAccess = z.union([
  z.object({ privateKey: z.string(), knownHosts: z.string() }),
  z.object({ problem: z.string() }),
])
export type SshAccess = z.infer<typeof SshAccess>

/** The key and the hosts, each as a text or a file, by the names that people set them under. */
export const SSH_SETTINGS = {
  key: "SLIPWAY_SSH_KEY",
  keyFile: "SLIPWAY_SSH_KEY_FILE",
  knownHosts: "SLIPWAY_SSH_KNOWN_HOSTS",
  knownHostsFile: "SLIPWAY_SSH_KNOWN_HOSTS_FILE",
} as const
export type SshSettings = Partial<Record<keyof typeof SSH_SETTINGS, string | undefined>>

/** Those of an environment. */
export function sshSettingsOf(env: Readonly<Record<string, unknown>>): SshSettings {
  const named = Object.entries(SSH_SETTINGS).map(([part, name]) => [part, env[name] || undefined])
  return Object.fromEntries(named) as SshSettings
}

const NO_KEY = `there is no SSH key: the operator gives one as ${SSH_SETTINGS.key} or ${SSH_SETTINGS.keyFile}, and the keys of its hosts as ${SSH_SETTINGS.knownHosts} or ${SSH_SETTINGS.knownHostsFile}`

/** Reads what the settings name, each time anew: files may change. Errors: none; a problem is a result. */
export async function readSshAccess(settings: SshSettings): Promise<SshAccess> {
  const key = await readText(settings, "key", "keyFile")
  if (key === undefined) return { problem: NO_KEY }
  if ("problem" in key) return key
  const read = readPrivateKey(key.text)
  if (!read.ok) return { problem: `${key.name} ${read.problem}` }
  const hosts = await readText(settings, "knownHosts", "knownHostsFile")
  if (hosts !== undefined && "problem" in hosts) return hosts
  const knownHosts = withLineFeeds(hosts?.text ?? "")
  if (!/^[^#\s]/m.test(knownHosts)) {
    return {
      problem: `the SSH key may be shown to no host: name them with their keys as ${SSH_SETTINGS.knownHosts} or ${SSH_SETTINGS.knownHostsFile} (ssh-keyscan prints such lines)`,
    }
  }
  return { privateKey: read.key, knownHosts: `${knownHosts.trimEnd()}\n` }
}

async function readText(
  settings: SshSettings,
  text: "key" | "knownHosts",
  file: "keyFile" | "knownHostsFile",
): Promise<{ name: string; text: string } | { problem: string } | undefined> {
  const value = settings[text]
  if (value !== undefined) return { name: SSH_SETTINGS[text], text: value }
  const path = settings[file]
  if (path === undefined) return undefined
  try {
    return { name: SSH_SETTINGS[file], text: await readFile(path, "utf8") }
  } catch (error) {
    const why = error instanceof Error && "code" in error ? String(error.code) : "it cannot be read"
    return { problem: `the file of ${SSH_SETTINGS[file]} cannot be read (${why}): name one that the service may read` }
  }
}
