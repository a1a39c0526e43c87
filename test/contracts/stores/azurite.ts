import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { freePort } from "../../../local/free-port.ts"
import { startStorage } from "../../../local/storage/start-storage.ts"
import { createStorageAccess } from "../../../shared/azure/storage-access.ts"

const ACCOUNT = { name: "test.blob.store", key: Buffer.alloc(32, 7).toString("base64") }

/** A real blob and table store for one test file: the local stack's own, on free ports and an empty folder. */
export async function startTestStorage() {
  const dataFolder = await mkdtemp(path.join(tmpdir(), "slipway-storage-"))
  const taken = new Set<number>()
  const [blobPort, tablePort] = [await freePort("127.0.0.1", taken), await freePort("127.0.0.1", taken)]
  const storage = await startStorage({ host: "127.0.0.1", blobPort, tablePort, account: ACCOUNT, folder: dataFolder })
  const blobUrl = `http://127.0.0.1:${blobPort}/${ACCOUNT.name}`
  const access = createStorageAccess({
    accountName: ACCOUNT.name,
    accountKey: ACCOUNT.key,
    blobUrl,
    tableUrl: `http://127.0.0.1:${tablePort}/${ACCOUNT.name}`,
    identityClientId: undefined,
  })
  return {
    access,
    blobUrl,
    async close() {
      await storage.close()
      await rm(dataFolder, { recursive: true, force: true })
    },
  }
}
