import type { LookupAddress } from "node:dns"
import { writeFile } from "node:fs/promises"
import type { SshAccess } from "../../shared/git/ssh-access.ts"
import type { GitRemote } from "./git-remote.ts"

type Files = { keyFile: string; knownHostsFile: string }

/** Puts the key where only this process' user reads it, in a folder that goes when the repository is fetched. */
export async function writeSshFiles(access: Exclude<SshAccess, { problem: string }>, home: string): Promise<Files> {
  const files = { keyFile: `${home}/ssh-key`, knownHostsFile: `${home}/known-hosts` }
  await Promise.all([writeOnce(files.keyFile, access.privateKey), writeOnce(files.knownHostsFile, access.knownHosts)])
  return files
}

/** A submodule's ssh may read while its repository's is written. */
async function writeOnce(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text, { mode: 0o600, flag: "wx" })
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error
  }
}

/**
 * The options of an ssh that knows one key and the operator's hosts, connects to an address that was checked, and asks nobody: not the
 * user's or system's configuration, no agent, no terminal. A host proves itself before the key is used at all (RFC 4252).
 */
export function sshOptions({ host, port }: GitRemote, address: LookupAddress | undefined, files: Files): string[] {
  const name = host.replace(/^\[|\]$/g, "").toLowerCase()
  const options = {
    BatchMode: "yes",
    CheckHostIP: "no",
    ClearAllForwardings: "yes",
    ConnectTimeout: "30",
    ControlPath: "none",
    ForwardAgent: "no",
    GlobalKnownHostsFile: "/dev/null",
    // The key of the name counts, the connection goes to the address that was checked.
    HostKeyAlias: port === 22 ? name : `[${name}]:${port}`,
    HostName: address?.address ?? host,
    IdentitiesOnly: "yes",
    IdentityAgent: "none",
    IdentityFile: quoted(files.keyFile),
    PermitLocalCommand: "no",
    PreferredAuthentications: "publickey",
    ProxyCommand: "none",
    ServerAliveCountMax: "4",
    ServerAliveInterval: "15",
    StrictHostKeyChecking: "yes",
    UpdateHostKeys: "no",
    UserKnownHostsFile: quoted(files.knownHostsFile),
    VerifyHostKeyDNS: "no",
  }
  return ["-F", "/dev/null", ...Object.entries(options).flatMap(([option, value]) => ["-o", `${option}=${value}`])]
}

/** ssh splits names of files at spaces and replaces `%` (ssh_config(5), TOKENS). */
function quoted(file: string): string {
  return `"${file.replaceAll("%", "%%")}"`
}

/** git hands GIT_SSH_COMMAND to a shell. */
export function sshCommand(options: readonly string[]): string {
  return ["ssh", ...options].map(shellWord).join(" ")
}

/** One word for a shell. */
export function shellWord(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
