import { execFile } from "node:child_process"
import { promisify } from "node:util"

const NAMESPACES = ["--pid", "--mount", "--fork", "--kill-child=KILL", "--mount-proc", "--"]

/** The parent may die before setpriv has asked for the signal; then the child has another parent already and gives up. */
const GUARD = '[ "$PPID" = "$0" ] || exit 70; exec "$@"'

/**
 * Wraps a command so that it dies with this process, even when that is killed with SIGKILL: `setpriv --pdeathsig`
 * (prctl 2, PR_SET_PDEATHSIG: the signal follows the thread that forked, and Node spawns from its main thread). In its
 * own PID namespace all that the command ever starts dies with it too (pid_namespaces 7).
 */
export function childCommand(child: { command: string; args: string[]; isNamespaced: boolean }): {
  command: string
  args: string[]
} {
  const inner = child.isNamespaced
    ? ["unshare", ...NAMESPACES, child.command, ...child.args]
    : [child.command, ...child.args]
  return { command: "setpriv", args: ["--pdeathsig", "KILL", "--", "sh", "-c", GUARD, String(process.pid), ...inner] }
}

/** True where we may make PID and mount namespaces: as root, and not in a container that forbids it. */
export async function canMakeNamespaces(): Promise<boolean> {
  if (process.getuid?.() !== 0) return false
  return promisify(execFile)("unshare", [...NAMESPACES, "true"]).then(
    () => true,
    () => false,
  )
}
