/** Names that the code and `infra/` share; a test holds them equal. */
export const STORAGE_NAMES = {
  containers: {
    /** Uploaded contexts: `source/<yyyyMMdd0000>/<guid>.tar.gz`. */
    source: "source",
    /** Run logs: `logs/<registry>/<runId>/rawtext.log`, index tag `retention`. */
    logs: "logs",
    /** Encrypted run requests: `<registry>/<runId>`. */
    requests: "requests",
  },
  /** One table; the partition is the registry (contracts, "Tables"). */
  table: "slipway",
} as const
