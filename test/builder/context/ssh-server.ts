import { execFileSync, spawn } from "node:child_process"
import { once } from "node:events"
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir, userInfo } from "node:os"
import path from "node:path"
import { createInterface } from "node:readline"
import { freePort } from "../../../local/free-port.ts"

export type SshServer = {
  /** The URL in front of a repository's name, for a name that leads to 127.0.0.1. */
  base(name: string): string
  port: number
  /** A line of known_hosts for that name. */
  knownHost(name: string): string
  /** A key that is let in. */
  privateKey: string
  /** What was run on it, and what was to be seen on this machine meanwhile: words and environments of all processes. */
  commands(): string[]
  seen(): string
  /** Modes of the files called `ssh-key` that there were meanwhile. */
  keyModes(): string[]
  /** What the server says of connections. */
  log(): string
  /** What `git-lfs-authenticate` answers from now on; until then it is not there. */
  answerLfs(answer: object): void
  close(): Promise<void>
}

/** A private key of a kind, in a file of its own; its public half stands beside it. */
export function makeKey(file: string, ...options: string[]): string {
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", file, ...options])
  return readFileSync(file, "utf8")
}

/**
 * Serves the bare repositories below `root` by a real sshd, on a port of its own and out of a folder of its own. Whoever is let in is the
 * user of this process, and may run git and git-lfs-authenticate only. `watched` is where keys are looked for meanwhile.
 */
export async function serveSsh(root: string, watched: string): Promise<SshServer> {
  const folder = mkdtempSync(path.join(tmpdir(), "sshd-"))
  const file = (name: string) => path.join(folder, name)
  const port = await freePort("127.0.0.1", new Set())
  const privateKey = makeKey(file("user"))
  makeKey(file("host"))
  writeFileSync(file("serve"), serveScript(folder, root, watched))
  chmodSync(file("serve"), 0o755)
  writeFileSync(file("config"), configOf(folder, port))

  // As root sshd wants /run/sshd, which only a service would make: it gets a /run of its own.
  const asRoot = 'mount -t tmpfs tmpfs /run && mkdir -m 755 /run/sshd && exec /usr/sbin/sshd -D -e -f "$0"'
  const words =
    process.getuid?.() === 0 ? ["unshare", "--mount", "sh", "-ec", asRoot] : ["/usr/sbin/sshd", "-D", "-e", "-f"]
  const child = spawn("setpriv", ["--pdeathsig", "KILL", "--", ...words, file("config")], {
    stdio: ["ignore", "ignore", "pipe"],
  })
  let log = ""
  const lines = createInterface({ input: child.stderr })
  await new Promise<void>((resolve, reject) => {
    lines.on("line", (line) => {
      log += `${line}\n`
      if (line.startsWith("Server listening on")) resolve()
    })
    child.once("exit", () => reject(new Error(`sshd has ended: ${log}`)))
  })

  const [kind, key] = readFileSync(file("host.pub"), "utf8").split(" ")
  const textOf = (name: string) => (existsSync(file(name)) ? readFileSync(file(name), "utf8") : "")
  const linesOf = (name: string) =>
    textOf(name)
      .split("\n")
      .filter((line) => line !== "")
  return {
    base: (name) => `ssh://${userInfo().username}@${name}:${port}`,
    port,
    knownHost: (name) => `[${name}]:${port} ${kind} ${key}\n`,
    privateKey,
    commands: () => linesOf("commands"),
    seen: () => textOf("seen"),
    keyModes: () => linesOf("modes"),
    log: () => log,
    answerLfs: (answer) => writeFileSync(file("lfs.json"), JSON.stringify(answer)),
    async close() {
      const ended = once(child, "exit")
      child.kill("SIGKILL")
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function serveScript(folder: string, root: string, watched: string): string {
  return `#!/bin/sh
printf '%s\\n' "$SSH_ORIGINAL_COMMAND" >> '${folder}/commands'
cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n' >> '${folder}/seen'
find '${watched}' -name ssh-key -exec stat -c %a '{}' ';' >> '${folder}/modes' 2>/dev/null
eval "set -- $SSH_ORIGINAL_COMMAND"
case "$1" in
git-upload-pack) exec git-upload-pack "${root}/$(basename "$2")" ;;
git-lfs-authenticate) [ ! -e '${folder}/lfs.json' ] || exec cat '${folder}/lfs.json' ;;
esac
echo "$1: command not found" >&2
exit 127
`
}

function configOf(folder: string, port: number): string {
  return [
    `Port ${port}`,
    "ListenAddress 127.0.0.1",
    `HostKey ${folder}/host`,
    `AuthorizedKeysFile ${folder}/user.pub`,
    "PidFile none",
    // Folders for temporary files are open to all.
    "StrictModes no",
    "UsePAM no",
    "AuthenticationMethods publickey",
    "PermitRootLogin prohibit-password",
    "AcceptEnv GIT_PROTOCOL",
    `ForceCommand ${folder}/serve`,
    "LogLevel VERBOSE",
    "",
  ].join("\n")
}
