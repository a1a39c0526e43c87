import { z } from "zod"

const Port = z.number().int().min(0).max(65535)

export const StorageConfig = z.object({
  host: z.string(),
  /** 0: any free one, for tests. */
  blobPort: Port,
  tablePort: Port,
  account: z.object({ name: z.string(), key: z.base64() }),
  folder: z.string(),
})
export type StorageConfig = z.infer<typeof StorageConfig>
