import { randomBytes } from "node:crypto"

/** A new lock token: 16 bytes, big-endian, as `$management` carries it. */
export function newLockToken(): Buffer {
  return randomBytes(16)
}

/**
 * The same token in the byte order of a .NET Guid, as delivery tags carry it, and back: the first three groups are
 * little-endian (`reorderLockToken` of @azure/service-bus).
 */
export function swapLockToken(token: Buffer): Buffer {
  const swapped = Buffer.from(token)
  swapped.subarray(0, 4).reverse()
  swapped.subarray(4, 6).reverse()
  swapped.subarray(6, 8).reverse()
  return swapped
}
