import { z } from "zod"
import { ImageDependencies } from "../builders/builder-messages.ts"
import { Platform } from "../builders/run-spec.ts"
import { ImageDescriptor } from "../registry/image-descriptor.ts"
import { RunStatus } from "./run-status.ts"

/**
 * One run as stored: what lists show and what moves its state, nothing larger and nothing secret (contracts, "Tables").
 * Changed only by compare-and-swap through `changeRun`. Instants are ISO 8601 UTC.
 */
export const Run = z.object({
  v: z.literal(1),
  runId: z.string(),
  /** The registry resource's name in lower case: the partition. */
  registry: z.string(),
  status: RunStatus,
  /** ARM's enum (`arm-contract` 12). A quick build or run is asked for by a person, an auto one by a trigger. */
  runType: z.enum(["QuickBuild", "QuickRun", "AutoBuild", "AutoRun"]),
  /** Messages sent for it; part of the queue message's id, so that a re-send is no duplicate. */
  attempt: z.number().int().min(1),
  /** Builders that a launcher accepted for it. */
  launches: z.number().int().min(0),
  createdAt: z.iso.datetime(),
  lastUpdatedAt: z.iso.datetime(),
  /** Handed to a launcher; claimed by a builder; ended. */
  launchedAt: z.iso.datetime().optional(),
  startedAt: z.iso.datetime().optional(),
  finishedAt: z.iso.datetime().optional(),
  timeoutSeconds: z.number().int().positive(),
  /** As the request wrote it; enums are compared without case and never rewritten. */
  platform: Platform,
  cpu: z.number().int().optional(),
  agentPoolName: z.string().optional(),
  taskName: z.string().optional(),
  isArchiveEnabled: z.boolean(),
  sourceRegistryAuth: z.string().optional(),
  customRegistries: z.array(z.string()).optional(),
  /** Object id (`oid`), else `sub`, of the token that asked for it. */
  requestedBy: z.string(),
  builderId: z.string().optional(),
  /** What built it, in the words of the log's first line. */
  engine: z.string().optional(),
  /** Sequence number of the last builder event applied. */
  eventSeq: z.number().int().min(0),
  cancelRequestedAt: z.iso.datetime().optional(),
  outputImages: z.array(ImageDescriptor),
  dependencies: z.array(ImageDependencies),
  runErrorMessage: z.string().optional(),
  /** True when the service ended it, not its builder: then the log still lacks its last line. */
  isEndedByService: z.boolean().optional(),
})
export type Run = z.infer<typeof Run>
