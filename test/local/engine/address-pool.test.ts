import { expect, test } from "vitest"
import { addressPool } from "../../../local/engine/address-pool.ts"

test("a data folder always gets the same pool", () => {
  expect(addressPool("0000000a00", [])).toEqual({
    pool: "10.130.128.0/18",
    gateway: "10.130.128.1/24",
    networkBits: 26,
  })
  expect(addressPool("0000000a00", [])).toEqual(addressPool("0000000aff", []))
})

test("two data folders get two pools", () => {
  expect(addressPool("0000000a00", []).pool).not.toBe(addressPool("0000000b00", []).pool)
})

test("the last pool still ends inside 10.0.0.0/8", () => {
  expect(addressPool("000001ff00", []).pool).toBe("10.255.192.0/18")
})

test.each(["10.130.129.1/24", "10.130.0.0/16", "10.130.191.255/32"])("a network in use, %s, is left alone", (cidr) => {
  expect(addressPool("0000000a00", [cidr]).pool).not.toBe("10.130.128.0/18")
})

test("neighbours and IPv6 are no reason to move", () => {
  const inUse = ["10.130.192.1/18", "10.130.127.255/18", "fd00::1/64", "127.0.0.1/8"]

  expect(addressPool("0000000a00", inUse).pool).toBe("10.130.128.0/18")
})

test("behind the last pool comes the first", () => {
  expect(addressPool("000001ff00", ["10.255.192.1/18"]).pool).toBe("10.128.0.0/18")
})

test("a machine on networks that cover everything is told so", () => {
  expect(() => addressPool("00", ["10.0.0.1/8"])).toThrow("no addresses are free for containers")
})
