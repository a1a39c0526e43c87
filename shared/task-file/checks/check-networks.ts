import type { TaskNetwork } from "../task.ts"
import type { TaskFileInput } from "../task-file-input.ts"
import type { TaskFile } from "../task-file-schema.ts"
import type { Report } from "./report.ts"

const DEFAULT_NETWORK = "acb_default_network"

/**
 * The networks of a run, and the one that steps join which name none: empty when there is no default (task-file 2). A file without
 * networks has one of its own; the network that the run was given comes last and wins.
 */
export function checkNetworks(
  file: TaskFile,
  { network = "", platform }: Pick<TaskFileInput, "network" | "platform">,
  report: Report,
): { networks: TaskNetwork[]; defaultNetwork: string } {
  const names = new Set<string>()
  const networks: TaskNetwork[] = (file.networks ?? []).map((entry, index) => {
    const { name = "", driver = "", ipv6 = false, skipCreation = false, isDefault = false } = entry
    const path = ["networks", index]
    if (name === "" && !report.places.isBad(path) && !report.places.isBad([...path, "name"])) {
      report.problem("network is missing a name: give it one.", report.places.of(path))
    }
    if (names.has(name)) {
      report.problem(
        `network with name ${name} already exists: rename one of them.`,
        report.places.of([...path, "name"]),
      )
    }
    if (name !== "") names.add(name)
    return { name, driver, isIpv6: ipv6, isExternal: skipCreation, isDefault }
  })
  if (network !== "") {
    networks.push({ name: network, driver: "external", isIpv6: false, isExternal: true, isDefault: true })
  }
  if (networks.length === 0) {
    const driver = platform === "windows" ? "nat" : "bridge"
    networks.push({ name: DEFAULT_NETWORK, driver, isIpv6: false, isExternal: false, isDefault: true })
  }
  return { networks, defaultNetwork: networks.findLast(({ isDefault }) => isDefault)?.name ?? "" }
}
