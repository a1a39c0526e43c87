import path from "node:path"
// @ts-expect-error: Azurite ships no types; azurite-types.ts says what is used of it.
import blobConfigurationModule from "azurite/dist/src/blob/BlobConfiguration.js"
// @ts-expect-error: as above.
import blobServerModule from "azurite/dist/src/blob/BlobServer.js"
// @ts-expect-error: as above.
import tableConfigurationModule from "azurite/dist/src/table/TableConfiguration.js"
// @ts-expect-error: as above.
import tableServerModule from "azurite/dist/src/table/TableServer.js"
import { acceptDottedAccount } from "./accept-dotted-account.ts"
import type { AzuriteServer, BlobServer, ConfigurationClass, ServerClass } from "./azurite-types.ts"
import type { StorageConfig } from "./storage-config.ts"

const BlobConfiguration = classOf<ConfigurationClass>(blobConfigurationModule)
const TableConfiguration = classOf<ConfigurationClass>(tableConfigurationModule)
const AzuriteBlobServer = classOf<ServerClass<BlobServer>>(blobServerModule)
const AzuriteTableServer = classOf<ServerClass<AzuriteServer>>(tableServerModule)

/** Longer than our clients and the front keep a connection: the one who sends must be the one who closes. */
const KEEP_ALIVE_SECONDS = 120
/** Azurite's own number of files written at once; fewer would let slow uploads hold up run logs. */
const CONCURRENT_WRITES = 50
const LOG_OFF = [false, undefined, false, undefined] as const
const IS_LOOSE = false
const SKIPS_API_VERSION_CHECK = true
const NO_TLS = ["", "", "", undefined] as const
const PATH_STYLE_ONLY = true

export type StorageFiles = { blobs: string; extents: string; tables: string; extentFolder: string }

export function storageFiles(folder: string): StorageFiles {
  return {
    blobs: path.join(folder, "blobs.json"),
    extents: path.join(folder, "extents.json"),
    tables: path.join(folder, "tables.json"),
    extentFolder: path.join(folder, "extents"),
  }
}

/** Azurite's blob and table servers for our one account, not started. No queue server, no access log, no telemetry. */
export function createServers(config: StorageConfig): { blob: BlobServer; table: AzuriteServer } {
  const files = storageFiles(config.folder)
  const extents = [{ locationId: "Default", locationPath: files.extentFolder, maxConcurrency: CONCURRENT_WRITES }]
  const blob = new AzuriteBlobServer(
    new BlobConfiguration(
      config.host,
      config.blobPort,
      KEEP_ALIVE_SECONDS,
      files.blobs,
      files.extents,
      extents,
      ...LOG_OFF,
      IS_LOOSE,
      SKIPS_API_VERSION_CHECK,
      ...NO_TLS,
      PATH_STYLE_ONLY,
    ),
  )
  const [enableAccessLog, accessLog, enableDebugLog, debugLog] = LOG_OFF
  const table = new AzuriteTableServer(
    new TableConfiguration(
      config.host,
      config.tablePort,
      KEEP_ALIVE_SECONDS,
      files.tables,
      enableDebugLog,
      enableAccessLog,
      accessLog,
      debugLog,
      IS_LOOSE,
      SKIPS_API_VERSION_CHECK,
      ...NO_TLS,
      PATH_STYLE_ONLY,
    ),
  )
  acceptDottedAccount(config.account.name)
  const account = { name: config.account.name, key1: Buffer.from(config.account.key, "base64") }
  // Instead of AZURITE_ACCOUNTS: no key in the environment, and its default account, whose key everyone knows, is gone.
  for (const { accountDataStore } of [blob, table]) {
    accountDataStore.getAccount = (name) => (name === account.name ? account : undefined)
  }
  return { blob, table }
}

/** The default export of a CommonJS module: Node and esbuild hand over all its exports, vitest the default itself. */
function classOf<Class>(module: unknown): Class {
  return ((module as { default?: unknown }).default ?? module) as Class
}
