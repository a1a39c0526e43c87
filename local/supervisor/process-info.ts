import { readFileSync } from "node:fs"

/**
 * When a process started, in clock ticks since boot (field 22 of `/proc/<pid>/stat`, proc 5): with the pid it names one
 * process for good, since pids are used again. Undefined when there is none, or only its unreaped remains.
 */
export function processStartTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8")
    // The name in brackets may hold spaces and brackets; fields are counted behind the last one, from field 3.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
    return fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19]
  } catch {
    return undefined
  }
}

/** Pids of the processes that this one has started and not yet reaped. */
export function childrenOf(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim()
    return text === "" ? [] : text.split(" ").map(Number)
  } catch {
    return []
  }
}
