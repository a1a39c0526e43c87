import { z } from "zod"

/** One queue. Durations in seconds; fractions serve tests. */
export const QueueConfig = z.object({
  name: z.string().regex(/^[A-Za-z0-9][\w.-]{0,259}$/, "must be a queue name: letters, digits, '.', '-' and '_'"),
  lockDurationSeconds: z.number().positive().max(300).default(60),
  maxDeliveryCount: z.number().int().min(1).default(10),
  /** 0 or absent: no duplicate detection. */
  duplicateDetectionWindowSeconds: z.number().min(0).default(0),
  /** Absent: messages without a time to live stay for ever. */
  defaultMessageTimeToLiveSeconds: z.number().positive().optional(),
})
export type QueueConfig = z.infer<typeof QueueConfig>

/** Configuration of the broker, given by the supervisor in `SLIPWAY_PART`. */
export const ServiceBusConfig = z.object({
  host: z.string().default("127.0.0.1"),
  /** 0: any free port. */
  port: z.number().int().min(0).max(65535),
  /** Holds the journal. One broker at a time. */
  dataFolder: z.string().min(1),
  /** The shared access key that connection strings carry. */
  key: z.object({ name: z.string().min(1), key: z.string().min(1) }),
  queues: z.array(QueueConfig).min(1),
  /** Largest message, batch included: 256 KB, as in Azure's Standard tier. */
  maxMessageBytes: z.number().int().min(1024).default(262_144),
})
export type ServiceBusConfig = z.input<typeof ServiceBusConfig>
