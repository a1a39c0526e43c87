import { z } from "zod"

const Port = z.number().int().min(1).max(65535)
const Registry = z.object({
  /** Resource name, 5–50 letters and digits. */
  name: z.string(),
  port: Port,
  userName: z.string(),
  password: z.string(),
})

/**
 * What the first start decided and every later start keeps (`<data>/stack.json`, mode 0600): ports, ids, keys, passwords.
 * The registry's port must never change: stored images name it.
 */
export const StackState = z.object({
  v: z.literal(1),
  /** Absolute path of the data folder. */
  dataFolder: z.string(),
  /** Address that every part listens on. */
  host: z.string(),
  frontPort: Port,
  hostPort: Port,
  blobPort: Port,
  tablePort: Port,
  serviceBusPort: Port,
  registry: Registry,
  storageAccount: z.object({ name: z.string(), key: z.string() }),
  serviceBusKey: z.object({ name: z.string(), key: z.string() }),
  /** AES-256-GCM key of the service, base64 of 32 bytes. */
  secretKey: z.string(),
  tenantId: z.uuid(),
  subscriptionId: z.uuid(),
  resourceGroup: z.string(),
  /** Sign-ins that the authority accepts. Roles: reader, runner, admin. */
  principals: z.array(
    z.object({
      kind: z.enum(["servicePrincipal", "user"]),
      /** Client id of a service principal, user name of a user. */
      id: z.string(),
      secret: z.string(),
      roles: z.array(z.enum(["reader", "runner", "admin"])),
    }),
  ),
  /** Shared secret in the header of the registry's push notifications. */
  registryEventsToken: z.string(),
})
export type StackState = z.infer<typeof StackState>
