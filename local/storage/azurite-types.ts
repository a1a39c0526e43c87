import type { Server } from "node:http"

// The few things of Azurite's inside that the storage part uses; its package has no types. Azurite is pinned to one exact
// version, and test/contracts/storage fails where these no longer hold.

export type LokiDatabase = {
  autosaveDisable(): void
  /** True when a collection changed since the flags were cleared. */
  autosaveDirty(): boolean
  autosaveClearFlags(): void
  serialize(): string
  getCollection(name: string): { data: unknown[] } | null
}
export type LokiStore = { db: LokiDatabase }
export type AzuriteServer = {
  start(): Promise<void>
  close(): Promise<void>
  httpServer: Server
  accountDataStore: { getAccount(name: string): { name: string; key1: Buffer } | undefined }
  metadataStore: LokiStore
}
export type BlobServer = AzuriteServer & { extentMetadataStore: LokiStore }

export type ServerClass<Server> = new (configuration: object) => Server
/** Takes its arguments by position. */
export type ConfigurationClass = new (...values: unknown[]) => object
