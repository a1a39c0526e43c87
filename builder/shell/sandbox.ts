import { CALLS_DESCRIPTOR, SHIM_FOLDER } from "./docker-shim.ts"

/** The programs that make a sandbox; absolute paths. */
export type SandboxPrograms = { bwrap: string }

export type Sandbox = {
  programs: SandboxPrograms
  /** The only folder of the run that the shell sees, as `/workspace`. */
  workspaceFolder: string
  /** Holds the shim, the script and the calls. */
  shimFolder: string
  /** Of the shell, when this process is root; distinct for each run, since the limit of processes counts by it. */
  userId: number | undefined
}

/** Processes that the shell may have at once. */
const MAX_PROCESSES = 256
/** What the shell may put into memory, bytes. */
const MAX_TEMPORARY = 256 * 1024 * 1024
const MAX_SHARED_MEMORY = 64 * 1024 * 1024
/** Of `/usr`: the system's programs and what they live by, not what an operator has put into `/usr/local`. */
const SYSTEM_FOLDERS = ["bin", "sbin", "lib", "lib32", "lib64", "libx32", "libexec", "share"]
const SCRIPT = `${SHIM_FOLDER}/script`

/**
 * `/bin/sh` in a sandbox (contracts, "cmd text"): namespaces of its own and no network, the system's programs read-only, nothing of the
 * machine but the workspace, and a folder in memory of a limited size. It runs under a user id of its own that may write whatever a step has left in the workspace
 * (CAP_DAC_OVERRIDE), and may do nothing else that root can. Its environment is empty: the script sets it.
 */
export function sandboxCall({ programs, workspaceFolder, shimFolder, userId }: Sandbox): {
  command: string
  args: string[]
} {
  const user = ["--reuid", String(userId), "--regid", String(userId), "--clear-groups", "--no-new-privs"]
  const rights = ["--inh-caps=-all,+dac_override", "--ambient-caps=-all,+dac_override"]
  const bounds = ["--bounding-set=-all,+dac_override"]
  const asOther = userId === undefined ? [] : ["/usr/bin/setpriv", ...user, ...rights, ...bounds]
  return {
    command: programs.bwrap,
    args: [
      ...["--die-with-parent", "--new-session", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"],
      ...["--unshare-cgroup-try", "--clearenv", "--setenv", "PATH", `${SHIM_FOLDER}:/usr/bin:/bin`],
      ...SYSTEM_FOLDERS.flatMap((name) => ["--ro-bind-try", `/usr/${name}`, `/usr/${name}`]),
      ...["--symlink", "usr/bin", "/bin", "--symlink", "usr/sbin", "/sbin"],
      ...["--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64"],
      ...[
        "--ro-bind-try",
        "/etc/alternatives",
        "/etc/alternatives",
        "--ro-bind-try",
        "/etc/ld.so.cache",
        "/etc/ld.so.cache",
      ],
      ...["--proc", "/proc", "--dev", "/dev"],
      ...[
        "--size",
        String(MAX_SHARED_MEMORY),
        "--tmpfs",
        "/dev/shm",
        "--size",
        String(MAX_TEMPORARY),
        "--tmpfs",
        "/tmp",
      ],
      ...["--bind", shimFolder, SHIM_FOLDER, "--bind", workspaceFolder, "/workspace", "--chdir", "/workspace"],
      // Both are in memory too, and have no size.
      ...["--remount-ro", "/dev", "--remount-ro", "/"],
      ...["--cap-drop", "ALL"],
      ...(userId === undefined ? [] : ["SETUID", "SETGID", "SETPCAP", "DAC_OVERRIDE"].flatMap(capability)),
      ...["--", ...asOther, "/usr/bin/prlimit", `--nproc=${MAX_PROCESSES}`, "--core=0", "/bin/sh", SCRIPT],
    ],
  }
}

/** File descriptors of the sandbox's process: calls come in on the last one, nothing is in between. */
export function sandboxStdio(): ("pipe" | "ignore")[] {
  return Array.from({ length: CALLS_DESCRIPTOR + 1 }, (_, at) => {
    return at === 0 || (at > 2 && at < CALLS_DESCRIPTOR) ? "ignore" : "pipe"
  })
}

/**
 * The text of the script: the step's variables, where sh can have them, then the text behind `docker run` or `docker build`. They
 * stand in a file and not in an argument list.
 */
export function scriptText(env: readonly string[], command: string, text: string): string {
  const exports = env.flatMap((entry) => {
    const [, name, value] = /^([A-Za-z_][A-Za-z0-9_]*)=([\s\S]*)$/.exec(entry) ?? []
    return name === undefined || value === undefined || READ_ONLY.has(name) ? [] : [`${name}=${quoted(value)}`]
  })
  const exported = exports.length === 0 ? "" : `export ${exports.join(" ")}; `
  return `${exported}PATH=${SHIM_FOLDER}:/usr/bin:/bin; docker ${command} ${text}\n`
}

/** What sh itself lives by. */
const READ_ONLY = new Set(["PATH", "IFS", "PPID", "OPTIND", "ENV", "PS4"])

function quoted(value: string): string {
  return `'${value.replaceAll("'", `'\\''`)}'`
}

function capability(name: string): string[] {
  return ["--cap-add", `CAP_${name}`]
}
