import { z } from "zod"

/** What a stack that was started in the background tells the command that started it. */
export const StartMessage = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("ready"),
    facts: z.object({
      url: z.string(),
      registry: z.string(),
      dataFolder: z.string(),
      readyMs: z.number(),
      host: z.string(),
    }),
  }),
  /** After "ready", once it is known which engine, or that there is none. */
  z.object({ type: z.literal("engine"), reason: z.string().optional() }),
  z.object({ type: z.literal("failed"), message: z.string(), tail: z.array(z.string()) }),
])
export type StartMessage = z.infer<typeof StartMessage>
