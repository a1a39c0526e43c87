import { execFile } from "node:child_process"
import { readdir, readFile } from "node:fs/promises"
import net from "node:net"
import path from "node:path"
import { promisify } from "node:util"

const execute = promisify(execFile)

/** Command lines of all processes that name this text, on the whole machine. */
export async function processesNaming(text: string): Promise<string[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")))
  return lines.map((line) => line.replaceAll("\0", " ")).filter((line) => line.includes(text))
}

/** Mounts of our own namespace, which is the machine's, at or below this folder. */
export async function mountsBelow(folder: string): Promise<string[]> {
  const lines = (await readFile("/proc/self/mounts", "utf8")).split("\n")
  return lines.filter((line) => line.split(" ")[1]?.startsWith(folder) === true)
}

/** Everything on the machine's network that carries this id: bridges, chains and rules. */
export async function networkTraces(id: string): Promise<string[]> {
  const commands = [
    ["ip", "-o", "link"],
    ["iptables", "-w", "-S"],
    ["iptables", "-w", "-t", "mangle", "-S"],
    ["iptables", "-w", "-t", "nat", "-S"],
  ] as const
  const outputs = await Promise.all(commands.map(([command, ...args]) => execute(command, args)))
  return outputs.flatMap(({ stdout }) => stdout.split("\n")).filter((line) => line.includes(id))
}

/** Control groups that carry this id: at the top (version 2) or in each hierarchy (version 1). */
export async function controlGroups(id: string): Promise<string[]> {
  const top = "/sys/fs/cgroup"
  const hierarchies = ["", ...(await readdir(top))]
  const names = await Promise.all(hierarchies.map((name) => readdir(path.join(top, name)).catch(() => [])))
  return names.flat().filter((name) => name.includes(id))
}

/** What a server says to this machine; nothing when it cannot be reached. */
export function hear(host: string, port: number): Promise<string> {
  return new Promise((resolve) => {
    let heard = ""
    const socket = net.connect({ host, port, timeout: 1000 })
    socket.on("data", (chunk) => {
      heard += chunk.toString()
    })
    socket.on("timeout", () => socket.destroy())
    socket.on("error", () => socket.destroy())
    socket.on("close", () => resolve(heard))
  })
}

/** Does something while a bridge without ports has this address, CIDR notation. */
export async function withIdleBridge(address: string, act: () => Promise<void>): Promise<void> {
  const name = `idle-${process.pid}`
  await execute("ip", ["link", "add", name, "type", "bridge"])
  try {
    await execute("ip", ["addr", "add", address, "dev", name])
    await execute("ip", ["link", "set", name, "up"])
    await act()
  } finally {
    await execute("ip", ["link", "del", name])
  }
}
