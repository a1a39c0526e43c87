import { readFile } from "node:fs/promises"
import { ContainerRegistryManagementClient } from "@azure/arm-containerregistry"
import type { ArmClient } from "./arm-client.ts"
import type { Exchange } from "./swagger.ts"
import { type TestStack, tokenOf } from "./test-stack.ts"

/** Azure's SDK signed in to the stack as the runner. What it sends and gets goes into `exchanges`, for the Swagger's judge. */
export async function createSdkClient(
  stack: TestStack,
  { origin }: ArmClient,
  exchanges: Exchange[],
): Promise<ContainerRegistryManagementClient> {
  const token = await tokenOf(stack, "runner")
  const sdk = new ContainerRegistryManagementClient(
    { getToken: async () => ({ token, expiresOnTimestamp: Date.now() + 3_000_000 }) },
    stack.state.subscriptionId,
    { endpoint: origin, tlsOptions: { ca: await readFile(stack.caFile, "utf8") }, retryOptions: { maxRetries: 0 } },
  )
  sdk.pipeline.addPolicy({
    name: "record",
    async sendRequest(request, next) {
      const response = await next(request)
      const url = new URL(request.url)
      const bodyOf = (text: unknown) => (typeof text === "string" && text !== "" ? JSON.parse(text) : undefined)
      exchanges.push({
        request: {
          url: url.pathname + url.search,
          method: request.method,
          headers: request.headers.toJSON(),
          body: bodyOf(request.body),
          query: Object.fromEntries(url.searchParams),
        },
        response: {
          statusCode: String(response.status),
          headers: response.headers.toJSON(),
          body: bodyOf(response.bodyAsText),
        },
      })
      return response
    },
  })
  return sdk
}
