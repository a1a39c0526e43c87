import type { ArmClient } from "../test/e2e/setup/arm-client.ts"

/** Reads a run's log as clients do: asks once for its SAS link, then reads the blob again and again. */
export async function openLogReader(arm: ArmClient, runId: string): Promise<() => Promise<string>> {
  const { json } = await arm.arm("slipway").post(`runs/${runId}/listLogSasUrl`)
  return async () => {
    const answer = await arm.call("GET", json.logLink, { token: null, headers: { "x-ms-version": "2021-12-02" } })
    return answer.status === 200 ? answer.text : ""
  }
}
