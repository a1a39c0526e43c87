import { readdir, readFile } from "node:fs/promises"

export type ProcessMemory = { pid: number; name: string; pssMegabytes: number }

/** A process and all below it, with the memory that is theirs: shared pages count in shares (PSS, proc_pid_smaps 5). */
export async function memoryOfTree(pid: number): Promise<ProcessMemory[]> {
  const own = await memoryOf(pid)
  if (own === undefined) return []
  const threads = await readdir(`/proc/${pid}/task`).catch(() => [])
  const lists = await Promise.all(
    threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/children`, "utf8").catch(() => "")),
  )
  const children = lists.flatMap((list) => list.split(" ").filter((text) => text !== ""))
  const below = await Promise.all(children.map((child) => memoryOfTree(Number(child))))
  return [own, ...below.flat()]
}

async function memoryOf(pid: number): Promise<ProcessMemory | undefined> {
  try {
    const [command, memory] = await Promise.all([
      readFile(`/proc/${pid}/cmdline`, "utf8"),
      readFile(`/proc/${pid}/smaps_rollup`, "utf8"),
    ])
    const kilobytes = Number(/^Pss:\s+(\d+) kB/m.exec(memory)?.[1] ?? 0)
    return { pid, name: nameOf(command.split("\0")), pssMegabytes: kilobytes / 1024 }
  } catch {
    // It ended while we looked.
    return undefined
  }
}

/** The script that Node runs, else the program. */
function nameOf([program = "", ...args]: string[]): string {
  const script = /(^|\/)node$/.test(program) ? args.find((arg) => /\.(ts|mjs)$/.test(arg)) : undefined
  return (script ?? program).split("/").at(-1) ?? ""
}
