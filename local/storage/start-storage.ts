// Blob and table storage of the local stack: Azurite, in this process.
//
// Stands in for: an Azure Storage account (block and append blobs, SAS, index tags, ETags, tables with transactions). Its name
// contains `.blob.`, so that URLs through the front look to az like those of Azure (az-cli.md 6.3).
// Leaves out: queues, versioning, soft delete, user delegation keys, lifecycle policies (a timer of the service purges).
// A range that begins at a blob's end answers 206 with no bytes, Azure 416.
//
// Durability. Azurite keeps its lists (blobs, extents, tables) in memory and by itself writes them every five seconds. Here
// they are written within 50 ms of a change while that takes less than 10 ms (up to some thousand entries), and with more at
// most a twentieth of the time: 100,000 rows take half a second and are then written every ten. What remains: a write that
// was acknowledged within that window is gone after SIGKILL, and after a power cut whatever the operating system had not yet
// written (nothing is synced). Bytes of blobs go to their files before the answer, so what is lost is a blob's entry or the last
// appends, never half of one. The next start says what it finds missing. Clients see an older state and repeat: runs are
// re-sent by the sweeper, and a log's append carries its position, so that a repeat after such a loss fails instead of leaving a hole.
import { once } from "node:events"
import { mkdir, rm, writeFile } from "node:fs/promises"
import type { IncomingMessage, Server, ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import path from "node:path"
import type { AzuriteServer } from "./azurite-types.ts"
import { createFlushLoop, type FlushLoop } from "./create-flush-loop.ts"
import { createServers, storageFiles } from "./create-servers.ts"
import { findLosses } from "./find-losses.ts"
import { logLine } from "./log-line.ts"
import { type SavedDatabase, saveDatabases } from "./save-databases.ts"
import type { StorageConfig } from "./storage-config.ts"

/** Azurite also changes its lists without a request (collecting garbage); such changes may wait. */
const IDLE_CHECK_MS = 5000
const READ_ONLY = new Set(["GET", "HEAD", "OPTIONS"])

export type Storage = {
  blobPort: number
  tablePort: number
  /** Resolves when every write that was acknowledged before the call survives a SIGKILL. */
  flush(): Promise<void>
  close(): Promise<void>
}

/** Both servers listen when it returns. `GET /healthz` on either port tells whether everything is saved. */
export async function startStorage(config: StorageConfig): Promise<Storage> {
  await mkdir(config.folder, { recursive: true, mode: 0o700 })
  const files = storageFiles(config.folder)
  const running = path.join(config.folder, "running")
  const { blob, table } = createServers(config)
  await Promise.all([blob.start(), table.start()])
  const wasKilled = await writeFile(running, "", { flag: "wx" }).then(
    () => false,
    () => true,
  )
  // Users first: blobs name extents.
  const blobDatabases = [
    { db: blob.metadataStore.db, file: files.blobs },
    { db: blob.extentMetadataStore.db, file: files.extents },
  ]
  const loops = [keepSaved(blob, blobDatabases), keepSaved(table, [{ db: table.metadataStore.db, file: files.tables }])]
  const idle = setInterval(() => {
    for (const loop of loops) loop.touch()
  }, IDLE_CHECK_MS)
  if (wasKilled) await reportLosses(blob, files.extentFolder)

  async function flush() {
    await Promise.all(loops.map((loop) => loop.flush()))
  }
  async function close() {
    clearInterval(idle)
    await Promise.all([drain(blob.httpServer), drain(table.httpServer)])
    await Promise.all([blob.close(), table.close()])
    await Promise.all(loops.map((loop) => loop.stop()))
    await rm(running, { force: true })
  }
  return { blobPort: portOf(blob), tablePort: portOf(table), flush, close }
}

/** Takes saving over from Azurite: after each request that may have changed something, and now and then. */
function keepSaved(server: AzuriteServer, databases: SavedDatabase[]): FlushLoop {
  for (const { db } of databases) db.autosaveDisable()
  const isChanged = () => databases.some(({ db }) => db.autosaveDirty())
  let isSaving = false
  const loop = createFlushLoop({
    isChanged,
    async save() {
      isSaving = true
      await saveDatabases(databases).finally(() => {
        isSaving = false
      })
    },
    onError: (error) => logLine("error", { op: "storage", message: "saving failed", error: String(error) }),
  })
  intercept(server.httpServer, (request, response, next) => {
    if (request.url === "/healthz") {
      response.writeHead(200, { "content-type": "application/json", "cache-control": "no-store" })
      response.end(JSON.stringify({ status: "ok", isSaved: !isSaving && !isChanged() }))
      return
    }
    if (!READ_ONLY.has(request.method ?? "")) response.once("close", () => loop.touch())
    next()
  })
  return loop
}

function intercept(
  server: Server,
  handle: (request: IncomingMessage, response: ServerResponse, next: () => void) => void,
): void {
  const listeners = server.listeners("request") as ((request: IncomingMessage, response: ServerResponse) => void)[]
  server.removeAllListeners("request")
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    handle(request, response, () => {
      for (const listener of listeners) listener(request, response)
    })
  })
}

/** Running requests get a second and a half to end; what they write is saved afterwards. */
async function drain(server: Server): Promise<void> {
  const closed = once(server, "close")
  server.close()
  server.closeIdleConnections()
  const force = setTimeout(() => server.closeAllConnections(), 1500)
  await closed
  clearTimeout(force)
}

async function reportLosses(blob: Parameters<typeof findLosses>[0], extentFolder: string): Promise<void> {
  const losses = await findLosses(blob, extentFolder)
  logLine(losses.unreadable.length > 0 ? "error" : "warn", {
    op: "storage",
    message: "the last stop was not clean: writes of its last moments may be gone",
    unreadable: losses.unreadable.slice(0, 20),
    unreadableCount: losses.unreadable.length,
    unnamedBytes: losses.unnamedBytes,
  })
}

function portOf(server: AzuriteServer): number {
  return (server.httpServer.address() as AddressInfo).port
}
