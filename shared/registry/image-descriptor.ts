import { z } from "zod"

/** An image in a registry, `ImageDescriptor` of the ARM contract (chapter 12). `registry` is a login server. */
export const ImageDescriptor = z.object({
  registry: z.string(),
  repository: z.string(),
  tag: z.string().optional(),
  digest: z.string().optional(),
})
export type ImageDescriptor = z.infer<typeof ImageDescriptor>
