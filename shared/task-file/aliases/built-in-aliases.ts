import type { TaskPlatform } from "../task-file-input.ts"

const RUN_NAMES = [
  "ID",
  "SharedVolume",
  "Registry",
  "RegistryName",
  "Date",
  "OS",
  "Architecture",
  "Commit",
  "Branch",
] as const

/** Linux only. The tags are those of acr-builder 90b22f3; ACR moves them with almost every release (task-file 5). */
const LINUX_IMAGES = {
  acr: "mcr.microsoft.com/acr/acr-cli:0.19",
  az: "mcr.microsoft.com/acr/azure-cli:2ff604c",
  bash: "mcr.microsoft.com/acr/bash:2ff604c",
  curl: "mcr.microsoft.com/acr/curl:2ff604c",
  cssc: "mcr.microsoft.com/acr/cssc:2ff604c",
} as const

/** The aliases that every task has (task-file 5). Those of the run are templates, which the final pass fills in. */
export function builtInAliases(platform: TaskPlatform): Map<string, string> {
  const aliases = new Map<string, string>(RUN_NAMES.map((name) => [name, `{{.Run.${name}}}`]))
  if (platform === "linux") for (const [name, image] of Object.entries(LINUX_IMAGES)) aliases.set(name, image)
  return aliases
}
