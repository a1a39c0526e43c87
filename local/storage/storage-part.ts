import http from "node:http"
import path from "node:path"
import { partCommand } from "../part-command.ts"
import type { StackState } from "../stack-state.ts"
import { INNER_HOST } from "../stack-urls.ts"
import type { Part } from "../supervisor/part.ts"
import type { StorageConfig } from "./storage-config.ts"

/** The storage as the supervisor starts it. */
export function createStoragePart(stack: StackState): Part {
  const config: StorageConfig = {
    host: INNER_HOST,
    blobPort: stack.blobPort,
    tablePort: stack.tablePort,
    account: stack.storageAccount,
    folder: path.join(stack.dataFolder, "storage"),
  }
  return {
    name: "storage",
    title: `Blob and table storage (Azurite) on ${INNER_HOST}:${stack.blobPort} and :${stack.tablePort}`,
    ...partCommand("storage"),
    env: { SLIPWAY_PART: JSON.stringify(config) },
    async isHealthy() {
      const answers = await Promise.all([isHealthy(INNER_HOST, stack.blobPort), isHealthy(INNER_HOST, stack.tablePort)])
      return answers.every(Boolean)
    },
    // Long enough to save a large table.
    stopTimeoutMs: 10_000,
  }
}

function isHealthy(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const options = { host, port, path: "/healthz", agent: false, timeout: 2000 }
    const request = http.get(options, (response) => {
      response.resume()
      resolve(response.statusCode === 200)
    })
    request.once("timeout", () => request.destroy())
    request.once("error", () => resolve(false))
  })
}
