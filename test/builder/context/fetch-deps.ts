import type { FetchDeps } from "../../../builder/context/fetch-deps.ts"

/** What a builder gives, with small limits and no patience. `said` collects the log. */
export function fetchDeps(workFolder: string, more: Partial<FetchDeps> = {}): FetchDeps & { said: string[] } {
  const said: string[] = []
  return {
    workFolder,
    limits: { maxBytes: 64 * 1024 * 1024, maxEntries: 10_000, maxRatio: 200 },
    rules: { allowedHosts: [] },
    backOff: { firstDelayMs: 1, maxDelayMs: 2 },
    timeoutMs: 60_000,
    ssh: { problem: "there is no SSH key" },
    path: process.env.PATH ?? "",
    authOf: () => undefined,
    isInsecure: () => false,
    platform: "linux/amd64",
    say: (line) => said.push(line),
    signal: new AbortController().signal,
    said,
    ...more,
  }
}
