import { SSH_SETTINGS } from "../../shared/git/ssh-access.ts"

const HOSTS = `${SSH_SETTINGS.knownHosts} (or ${SSH_SETTINGS.knownHostsFile})`
const KEY = `${SSH_SETTINGS.key} (or ${SSH_SETTINGS.keyFile})`

/** What ssh itself says (OpenSSH 8 to 10), what that means, and what to do. */
const SIGNS: [RegExp, (host: string) => string][] = [
  [
    /REMOTE HOST IDENTIFICATION HAS CHANGED|REVOKED HOST KEY DETECTED|host key .*revoked/i,
    (host) =>
      `the key of ${host} is another than the one in ${HOSTS}: it was renewed, or somebody stands in between. The operator compares it with what the host publishes`,
  ],
  [
    /No \S+ host key is known for|Host key verification failed|host key algorithm|no matching host key type/i,
    (host) =>
      `the key of ${host} is not in ${HOSTS}, and no other host sees the SSH key. The operator adds the host's line (ssh-keyscan), compared with what the host publishes`,
  ],
  [
    /Permission denied \(|Too many authentication failures/,
    (host) =>
      `${host} refused the key of ${KEY}: add its public half there as a deploy key, or to a user who may read the repository`,
  ],
  [
    /ssh: (?:command )?not found|cannot run ssh|ssh: No such file/,
    () => "this builder has no ssh: install openssh-client beside git",
  ],
]

/** Why ssh let nobody in, as the end of a sentence; undefined when it was not ssh, or only the network. */
export function sshFailure(stderr: string, host: string): string | undefined {
  return SIGNS.find(([sign]) => sign.test(stderr))?.[1](host)
}
