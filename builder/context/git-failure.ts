/** Why git could not fetch, by what it says in the C locale. There is no other way to tell. */
export type GitFailure = "auth" | "malformed" | "missing" | "network" | "other" | "redirect" | "ref" | "shallow"

const SIGNS: [GitFailure, RegExp][] = [
  ["malformed", /fsck error in|invalid index-pack output/],
  ["shallow", /dumb http transport|does not support shallow|does not support --depth/i],
  ["redirect", /returned error: 30[1278]|unable to update url base from redirection/i],
  [
    "ref",
    /couldn't find remote ref|no such remote ref|not our ref|unadvertised object|want [0-9a-f]+ not valid|is not valid:/i,
  ],
  [
    "auth",
    /Authentication failed|could not read (?:Username|Password)|returned error: 40[13]|HTTP Basic: Access denied|Permission denied|Host key verification failed/i,
  ],
  [
    "missing",
    /repository (?:.* )?not found|could not be found|returned error: 404|does not appear to be a git repository|update-server-info/i,
  ],
  [
    "network",
    /Could not resolve|Failed to connect|Couldn't connect|Connection (?:to \S+ )?(?:refused|timed out|reset|closed)|kex_exchange_identification|Network is unreachable|No route to host|returned error: (?:5\d\d|429)|early EOF|RPC failed|unexpected disconnect|Operation too slow|timed? ?out|empty reply|the remote end hung up/i,
  ],
  // What git says of every end of an ssh; so it counts only where nothing else was said.
  ["missing", /correct access rights/],
]

// biome-ignore lint/suspicious/noControlCharactersInRegex: a server's words must not steer a terminal
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/g

export function gitFailure(stderr: string): GitFailure {
  return SIGNS.find(([, sign]) => sign.test(stderr))?.[0] ?? "other"
}

/** What git found wrong with an object, by the name that git-fsck(1) has for it. */
export function firstFault(stderr: string): string {
  return lastSaid(/^(?:error: )?object [0-9a-f]+: .*$/m.exec(stderr)?.[0] ?? stderr)
}

/** What git said last, in one line and without its prefix. */
export function lastSaid(stderr: string): string {
  const lines = stderr.split(/[\r\n]+/).map((line) => line.trim())
  const said = lines.filter((line) => /^(?:fatal|error|remote|ssh|ERROR)\b/.test(line))
  const last = said.at(-1) ?? lines.filter((line) => line !== "").at(-1) ?? "no reason was given"
  return last
    .replace(CONTROL, "\ufffd")
    .replace(/^(?:fatal|error): /, "")
    .slice(0, 300)
}
