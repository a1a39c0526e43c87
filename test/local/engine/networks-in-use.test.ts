import { readFile } from "node:fs/promises"
import { expect, test } from "vitest"
import { networksInUse, routedNetworks } from "../../../local/engine/networks-in-use.ts"

const TABLE = `Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0
eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
slw-0123456789\t0080820A\t00000000\t0001\t0\t0\t0\t00C0FFFF\t0\t0\t0
`

test("each route but the default one is a network in use, a bridge without containers included", () => {
  expect(routedNetworks(TABLE, [])).toEqual(["192.0.2.0/24", "10.130.128.0/18"])
})

test("the bridge that this stack left behind is not", () => {
  expect(routedNetworks(TABLE, ["slw-0123456789"])).toEqual(["192.0.2.0/24"])
})

test("a machine without routes is on no network", () => {
  expect(routedNetworks("", [])).toEqual([])
  expect(routedNetworks(`${TABLE.split("\n")[0]}\n`, [])).toEqual([])
})

test("the table of this machine is read", async () => {
  expect(await networksInUse([])).toEqual(routedNetworks(await readFile("/proc/net/route", "utf8"), []))
})
