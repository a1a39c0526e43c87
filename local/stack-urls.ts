import type { StackState } from "./stack-state.ts"

/** Where every part but the front listens, whatever `SLIPWAY_HOST` says: they speak plain HTTP and AMQP. */
export const INNER_HOST = "127.0.0.1"

/** The stack's one HTTPS address, as clients name it. `localhost`, since the certificate and az's sign-in want a name. */
export function publicUrl(stack: Pick<StackState, "frontPort">): string {
  return `https://localhost:${stack.frontPort}`
}

/** What image names of the stack's registry begin with. An IP address: Docker trusts 127.0.0.0/8 without further settings. */
export function loginServer(stack: Pick<StackState, "registry">): string {
  return `127.0.0.1:${stack.registry.port}`
}
