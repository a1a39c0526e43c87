import { connect } from "node:net"

/** AMQP 1.0 without SASL: "AMQP", protocol 0, version 1.0.0. */
const HEADER = Buffer.from([0x41, 0x4d, 0x51, 0x50, 0, 1, 0, 0])

/** Whether someone on this port answers AMQP's protocol header with one. Never throws. */
export function answersAmqp(host: string, port: number, timeoutMs = 1_000): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port })
    const end = (isAmqp: boolean) => {
      socket.destroy()
      resolve(isAmqp)
    }
    socket.setTimeout(timeoutMs, () => end(false))
    socket.once("error", () => end(false))
    socket.once("close", () => end(false))
    socket.once("connect", () => socket.write(HEADER))
    socket.once("data", (data) => end(data.subarray(0, 4).equals(HEADER.subarray(0, 4))))
  })
}
