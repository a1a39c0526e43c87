/** Properties that an api-version does not know yet, by the version that brought them (`arm-contract` 12). */
const SINCE: Record<string, string> = {
  timerTrigger: "2019-04-01",
  systemData: "2019-06-01-preview",
  agentPoolName: "2019-06-01-preview",
  updateTriggerToken: "2019-06-01-preview",
  logArtifact: "2019-06-01-preview",
  logArtifactLink: "2019-06-01-preview",
}

/** An answer as that api-version of ACR Tasks would show it: what came later is left out, at every depth. */
export function shapeForVersion(body: unknown, version: string): unknown {
  if (Array.isArray(body)) return body.map((item) => shapeForVersion(item, version))
  if (typeof body !== "object" || body === null) return body
  const known = Object.entries(body).filter(([key]) => (SINCE[key] ?? "") <= version)
  return Object.fromEntries(known.map(([key, value]) => [key, shapeForVersion(value, version)]))
}
