import type { TaskNetwork } from "./task.ts"

/** Arguments of the engine that make a network of a task (task-file 2, `networks`). */
export function createNetworkArguments({
  name,
  driver,
  isIpv6,
}: Pick<TaskNetwork, "name" | "driver" | "isIpv6">): string[] {
  return ["network", "create", name, ...(isIpv6 ? ["--ipv6"] : []), ...(driver === "" ? [] : ["--driver", driver])]
}

/** Arguments of the engine that remove it. */
export function removeNetworkArguments({ name }: Pick<TaskNetwork, "name">): string[] {
  return ["network", "rm", name]
}
