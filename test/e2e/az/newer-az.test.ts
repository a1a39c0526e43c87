import { afterAll, beforeAll, describe, expect, inject, it } from "vitest"
import { servicePrincipalOf } from "../../../local/principal-of.ts"
import { REGISTRY_AUDIENCE } from "../../../local/sign-in/sign-in-config.ts"
import { loginServer } from "../../../local/stack-urls.ts"
import { type ArmClient, createArmClient } from "../setup/arm-client.ts"
import { readStack, type TestStack } from "../setup/test-stack.ts"

let stack: TestStack
let arm: ArmClient

beforeAll(async () => {
  stack = await readStack(inject("stackEnv"))
  arm = await createArmClient(stack)
})
afterAll(() => arm.close())

function post(target: string, form: Record<string, string>) {
  const headers = { "content-type": "application/x-www-form-urlencoded" }
  return arm.call("POST", target, { token: null, headers, body: new URLSearchParams(form).toString() })
}

// What az 2.91 asks for and 2.45 does not, so that the suite knows it whichever az the machine has.
describe("for newer az", () => {
  it("/metadata/endpoints is the one cloud, not a list", async () => {
    const answer = await arm.call("GET", "/metadata/endpoints?api-version=2022-09-01", { token: null })

    expect(answer.json).toMatchObject({
      name: "Slipway",
      resourceManager: arm.origin,
      authentication: { loginEndpoint: `${arm.origin}/adfs`, audiences: [`${arm.origin}/`] },
      suffixes: { storage: `localhost:${stack.state.frontPort}` },
    })
  })

  it("a token for the registry alone signs in to the registry, and is refused by the service", async () => {
    const { id, secret } = servicePrincipalOf(stack.state, "runner")
    const asked = { grant_type: "client_credentials", scope: `${REGISTRY_AUDIENCE}/.default` }
    const issued = await post("/adfs/oauth2/token", { ...asked, client_id: id, client_secret: secret })

    const token: string = issued.json.access_token
    const service = loginServer(stack.state)
    const exchanged = await post("/oauth2/exchange", { grant_type: "access_token", service, access_token: token })
    const runs = await arm.call("GET", `${arm.registryPath("slipway")}/runs`, { token })

    expect(exchanged).toMatchObject({ status: 200, json: { refresh_token: expect.any(String) } })
    expect(runs).toMatchObject({ status: 401, json: { error: { code: "AuthenticationFailed" } } })
  })
})
