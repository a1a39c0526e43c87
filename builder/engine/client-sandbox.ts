import { dirname } from "node:path"
import type { EngineChoice } from "./engine.ts"

type Call = { command: string; args: string[] }

/** What a build's client needs of the system beside its programs: whom to trust, and how names are found. */
const SYSTEM_FILES = [
  ...["/etc/ssl", "/etc/ca-certificates", "/etc/pki", "/etc/docker/certs.d", "/usr/local/share/ca-certificates"],
  ...["/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/host.conf", "/etc/passwd", "/etc/localtime"],
]

/** bubblewrap's options for the system's programs, on a merged /usr. */
export const SYSTEM_PROGRAMS: readonly string[] = [
  ...["--ro-bind", "/usr", "/usr", "--symlink", "usr/bin", "/bin", "--symlink", "usr/sbin", "/sbin"],
  ...["--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64"],
]

/**
 * Lets docker's client see the run's folders and nothing else of this machine while it reads a build context. Who can write into the
 * workspace can swap a folder for a link at any moment, so no check of a path before the build holds: what the link leads to must not
 * be there. Undefined for an engine that is not reached by a socket of this machine.
 */
export function clientSandbox(options: {
  bwrap: string
  choice: EngineChoice
  /** Of the run; the client may write there. */
  workFolder: string
  /** Read-only. */
  sourceFolders: readonly string[]
  caFile: string | undefined
}): ((call: Call) => Call) | undefined {
  const { bwrap, choice, workFolder, sourceFolders, caFile } = options
  const host = choice.env.DOCKER_HOST ?? "unix:///var/run/docker.sock"
  if (!host.startsWith("unix://")) return undefined
  const socket = host.slice("unix://".length)
  const programs = [choice.command, choice.buildxCommand].flatMap((path) => (path === undefined ? [] : [dirname(path)]))
  const readOnly = [...new Set([...programs.filter((path) => !path.startsWith("/usr/")), ...sourceFolders])]
  const prefix = [
    ...[
      "--die-with-parent",
      "--unshare-pid",
      "--unshare-ipc",
      "--unshare-uts",
      "--cap-drop",
      "ALL",
      "--cap-add",
      "CAP_DAC_OVERRIDE",
    ],
    ...["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--tmpfs", "/run"],
    ...SYSTEM_PROGRAMS,
    ...[...SYSTEM_FILES, ...(caFile === undefined ? [] : [caFile])].flatMap((path) => ["--ro-bind-try", path, path]),
    ...readOnly.flatMap((path) => ["--ro-bind", path, path]),
    ...["--bind", workFolder, workFolder, "--bind", socket, socket],
  ]
  return ({ command, args }) => ({ command: bwrap, args: [...prefix, "--", command, ...args] })
}
