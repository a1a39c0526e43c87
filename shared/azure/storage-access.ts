import { AzureNamedKeyCredential, TableClient } from "@azure/data-tables"
import {
  BlobSASPermissions,
  BlobServiceClient,
  generateBlobSASQueryParameters,
  SASProtocol,
  StorageSharedKeyCredential,
} from "@azure/storage-blob"

import { managedIdentity } from "./managed-identity.ts"

export type StorageAccessConfig = {
  accountName: string
  /** Absent in Azure: the managed identity is used and SAS are signed by a user delegation key. */
  accountKey: string | undefined
  blobUrl: string
  tableUrl: string
  identityClientId: string | undefined
}

/** Permissions of a SAS: read, create+write (uploads), add (a builder's log). */
export type SasGrant = { container: string; blob: string; permissions: "r" | "cw" | "a"; expiresAt: Date }

/** A SAS may be used before our clock says so: client clocks run behind. */
const CLOCK_SKEW_MS = 5 * 60_000
const DELEGATION_KEY_MS = 24 * 3_600_000

/** Clients and SAS signing for one storage account, by account key (local stack) or managed identity (Azure). */
export function createStorageAccess(config: StorageAccessConfig) {
  const retryOptions = { maxTries: 4, retryDelayInMs: 100, maxRetryDelayInMs: 1_000, tryTimeoutInMs: 15_000 }
  const tableRetry = { maxRetries: 3, retryDelayInMs: 100, maxRetryDelayInMs: 1_000 }
  const key = config.accountKey
  const identity = managedIdentity(config.identityClientId)
  const shared = key === undefined ? undefined : new StorageSharedKeyCredential(config.accountName, key)
  const blobs = new BlobServiceClient(config.blobUrl, shared ?? identity, { retryOptions })
  let delegation: { key: Awaited<ReturnType<typeof blobs.getUserDelegationKey>>; until: number } | undefined

  return {
    blobs,
    tableClient(table: string): TableClient {
      const options = { retryOptions: tableRetry, allowInsecureConnection: config.tableUrl.startsWith("http:") }
      if (key !== undefined) {
        const named = new AzureNamedKeyCredential(config.accountName, key)
        return new TableClient(config.tableUrl, table, named, options)
      }
      return new TableClient(config.tableUrl, table, identity, options)
    },
    /** The query string of a SAS for one blob. One asynchronous function for both kinds of signing (contracts, "Builders"). */
    async sas({ container, blob, permissions, expiresAt }: SasGrant): Promise<string> {
      const values = {
        containerName: container,
        blobName: blob,
        permissions: BlobSASPermissions.parse(permissions),
        // Behind the local front the store itself is spoken to in plain HTTP.
        protocol: config.blobUrl.startsWith("http:") ? SASProtocol.HttpsAndHttp : SASProtocol.Https,
        startsOn: new Date(Date.now() - CLOCK_SKEW_MS),
        expiresOn: expiresAt,
      }
      if (shared !== undefined) return generateBlobSASQueryParameters(values, shared).toString()
      if (delegation === undefined || delegation.until < expiresAt.getTime()) {
        const until = Math.max(Date.now() + DELEGATION_KEY_MS, expiresAt.getTime())
        delegation = { key: await blobs.getUserDelegationKey(values.startsOn, new Date(until)), until }
      }
      return generateBlobSASQueryParameters(values, delegation.key, config.accountName).toString()
    },
  }
}
export type StorageAccess = ReturnType<typeof createStorageAccess>
