import type { TokenCredential } from "@azure/identity"

/** The managed identity of the app. Loads the identity library only when a token is asked for: the local stack never needs it, and it is slow to load. */
export function managedIdentity(clientId: string | undefined): TokenCredential {
  let credential: Promise<TokenCredential> | undefined
  return {
    async getToken(scopes, options) {
      credential ??= import("@azure/identity").then(({ ManagedIdentityCredential }) =>
        clientId === undefined ? new ManagedIdentityCredential() : new ManagedIdentityCredential({ clientId }),
      )
      return (await credential).getToken(scopes, options)
    },
  }
}
