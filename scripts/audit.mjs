// Fails on a known high or critical vulnerability in what is deployed; says so where the registry offers no audit.
import { spawnSync } from "node:child_process"

const { stdout } = spawnSync("npm", ["audit", "--audit=true", "--omit=dev", "--json"], { encoding: "utf8" })
/** @type {{ metadata?: { vulnerabilities?: Record<string, number> } }} */
let report = {}
try {
  report = JSON.parse(stdout)
} catch {
  // An answer that is none is the same as none.
}
const found = report.metadata?.vulnerabilities
if (found === undefined) console.log("audit: this registry offers no audit")
else {
  const serious = (found.high ?? 0) + (found.critical ?? 0)
  console.log(`audit: ${serious} high or critical in what is deployed (npm audit --omit=dev tells which)`)
  process.exitCode = serious > 0 ? 1 : 0
}
