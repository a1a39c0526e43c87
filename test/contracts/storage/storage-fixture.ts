import { randomBytes } from "node:crypto"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { AzureNamedKeyCredential, TableClient } from "@azure/data-tables"
import { BlobServiceClient, StorageSharedKeyCredential } from "@azure/storage-blob"
import { type Storage, startStorage } from "../../../local/storage/start-storage.ts"

export const ACCOUNT = { name: "slipway.blob.store", key: randomBytes(64).toString("base64") }
const RETRY = { maxTries: 1, maxRetries: 0 }

export async function temporaryFolder(): Promise<string> {
  return mkdtemp(path.join(tmpdir(), "slipway-storage-"))
}

export function configFor(folder: string) {
  return { host: "127.0.0.1", blobPort: 0, tablePort: 0, account: ACCOUNT, folder }
}

/** The clients that our adapters use, without retries: a test must see each answer. */
export function clientsFor(ports: Pick<Storage, "blobPort" | "tablePort">) {
  const credential = new StorageSharedKeyCredential(ACCOUNT.name, ACCOUNT.key)
  const url = `http://127.0.0.1:${ports.blobPort}/${ACCOUNT.name}`
  const blobs = new BlobServiceClient(url, credential, { retryOptions: RETRY })
  const table = new TableClient(
    `http://127.0.0.1:${ports.tablePort}/${ACCOUNT.name}`,
    "slipway",
    new AzureNamedKeyCredential(ACCOUNT.name, ACCOUNT.key),
    { allowInsecureConnection: true, retryOptions: RETRY },
  )
  return { credential, url, blobs, table }
}

/** A storage in a folder of its own, with the container `logs` and the table. */
export async function startTestStorage() {
  const folder = await temporaryFolder()
  const storage = await startStorage(configFor(folder))
  const clients = clientsFor(storage)
  await clients.blobs.createContainer("logs")
  await clients.table.createTable()
  return {
    ...clients,
    folder,
    storage,
    async close() {
      await storage.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
