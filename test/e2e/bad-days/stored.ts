import { AzureNamedKeyCredential, TableClient, TableServiceClient } from "@azure/data-tables"
import type { StackState } from "../../../local/stack-state.ts"
import { createStorageAccess } from "../../../shared/azure/storage-access.ts"

export type Stored = { name: string; text: string }

/** Every row of every table and every blob of every container, its metadata included, as the account's owner reads them. */
export async function everythingStored({ storageAccount, blobPort, tablePort }: StackState): Promise<Stored[]> {
  const blobUrl = `http://127.0.0.1:${blobPort}/${storageAccount.name}`
  const tableUrl = `http://127.0.0.1:${tablePort}/${storageAccount.name}`
  const { blobs } = createStorageAccess({
    accountName: storageAccount.name,
    accountKey: storageAccount.key,
    blobUrl,
    tableUrl,
    identityClientId: undefined,
  })
  const found: Stored[] = []
  const credential = new AzureNamedKeyCredential(storageAccount.name, storageAccount.key)
  const options = { allowInsecureConnection: true }
  for await (const { name = "" } of new TableServiceClient(tableUrl, credential, options).listTables()) {
    for await (const row of new TableClient(tableUrl, name, credential, options).listEntities()) {
      found.push({ name: `table ${name}/${row.rowKey}`, text: JSON.stringify(row) })
    }
  }
  for await (const { name: container } of blobs.listContainers()) {
    const client = blobs.getContainerClient(container)
    for await (const { name, metadata } of client.listBlobsFlat({ includeMetadata: true })) {
      const content = await client.getBlobClient(name).downloadToBuffer()
      found.push({
        name: `blob ${container}/${name}`,
        text: `${JSON.stringify(metadata)}${content.toString("latin1")}`,
      })
    }
  }
  return found
}
