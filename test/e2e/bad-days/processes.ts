import { readdirSync, readFileSync } from "node:fs"

export type ProcessFacts = { pid: number; cmdline: string; environment: string }

/** All processes of this machine but this one, those in other PID namespaces included. What ends meanwhile is left out. */
export function processes(): ProcessFacts[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((name) => {
      try {
        const [cmdline = "", environment = ""] = ["cmdline", "environ"].map((file) =>
          readFileSync(`/proc/${name}/${file}`, "utf8").replaceAll("\0", " "),
        )
        return [{ pid: Number(name), cmdline, environment }]
      } catch {
        return []
      }
    })
}

/** Those that name `text` in their arguments. */
export function processesCalled(text: string): ProcessFacts[] {
  return processes().filter(({ cmdline }) => cmdline.includes(text))
}

/** Those that name `text` in their arguments or their environment. */
export function processesOf(text: string): ProcessFacts[] {
  return processes().filter(({ cmdline, environment }) => cmdline.includes(text) || environment.includes(text))
}

/** Sends a signal; what is gone already is as good. */
export function signal(pid: number | undefined, name: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(pid, name)
  } catch {
    // It went away by itself.
  }
}

/** Does it at once and again until the time is over. */
export async function keepDoing(seconds: number, act: () => void, everyMs = 50): Promise<void> {
  const until = performance.now() + seconds * 1_000
  do {
    act()
    await new Promise((resolve) => setTimeout(resolve, everyMs))
  } while (performance.now() < until)
}
