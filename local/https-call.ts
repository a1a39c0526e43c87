import { request } from "node:https"

export type HttpsCall = {
  method?: string
  headers?: Record<string, string>
  body?: string | Buffer
  /** The stack's CA, PEM. */
  ca: string
  timeoutMs?: number
}
export type HttpsAnswer = { status: number; headers: NodeJS.Dict<string | string[]>; body: Buffer }

/** One call of the stack's own commands to the stack, whose CA this process was not started with (as `fetch` would need). */
export function httpsCall(url: string, call: HttpsCall): Promise<HttpsAnswer> {
  const { method = "GET", headers = {}, body, ca, timeoutMs = 30_000 } = call
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) }
    const options = { method, headers: { ...length, ...headers }, ca, agent: false as const, timeout: timeoutMs }
    const sent = request(url, options, (response) => {
      const chunks: Buffer[] = []
      response.on("data", (chunk: Buffer) => chunks.push(chunk))
      response.on("error", reject)
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      )
    })
    sent.on("timeout", () => sent.destroy(new Error(`${url} gave no answer within ${timeoutMs} ms`)))
    sent.on("error", reject)
    sent.end(body)
  })
}
