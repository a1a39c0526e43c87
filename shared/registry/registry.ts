import { AppError } from "../errors.ts"

/** A registry resource: where images of its runs go. Made from the settings; names compare without case. */
export type Registry = {
  /** As stored; shown to clients. `key` is its lower case: partition and blob prefix. */
  name: string
  key: string
  resourceGroup: string
  location: string
  sku: "Basic" | "Standard" | "Premium"
  loginServer: string
  isInsecure: boolean
  createdAt: string
  login: { userName: string; password: string } | undefined
}

/** Finds a registry by name. Errors: `ResourceNotFound` in ARM's words. */
export function findRegistry(registries: readonly Registry[], name: string): Registry {
  const registry = registries.find(({ key }) => key === name.toLowerCase())
  if (registry !== undefined) return registry
  const known = registries.map((one) => one.name).join(", ")
  throw new AppError(
    "ResourceNotFound",
    `The Resource 'Microsoft.ContainerRegistry/registries/${name}' was not found. Registries here: ${known}.`,
  )
}
