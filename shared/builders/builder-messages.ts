import { z } from "zod"
import { ImageDescriptor } from "../registry/image-descriptor.ts"
import { RunOutcome } from "../runs/run-status.ts"
import { SecretLocation } from "../secrets/secret-source.ts"

/** `POST …/spec`: the first one claims the run (Started → Running); another builder id gets 409 and its builder exits. */
export const ClaimRequest = z.object({ v: z.literal(1), builderId: z.string().min(8).max(64) })
export type ClaimRequest = z.infer<typeof ClaimRequest>

/** `POST …/heartbeat`, and its answer. */
export const HeartbeatRequest = z.object({ v: z.literal(1), builderId: z.string().min(8).max(64) })
export type HeartbeatRequest = z.infer<typeof HeartbeatRequest>
export const HeartbeatAnswer = z.object({ isCancelRequested: z.boolean() })
export type HeartbeatAnswer = z.infer<typeof HeartbeatAnswer>

/** `POST …/secrets`: reads one secret that the run names; the answer is a `SecretAnswer`. */
export const SecretRequest = z.object({
  v: z.literal(1),
  builderId: z.string().min(8).max(64),
  location: SecretLocation,
})
export type SecretRequest = z.infer<typeof SecretRequest>

/** Base images of one build step: `runtime` is what the result stands on, `buildtime` what other stages used. */
export const ImageDependencies = z.object({
  image: ImageDescriptor.optional(),
  runtime: ImageDescriptor.optional(),
  buildtime: z.array(ImageDescriptor),
  /** Full id of the commit that the image was built from. */
  gitRevision: z.string().max(128).optional(),
})
export type ImageDependencies = z.infer<typeof ImageDependencies>

/** Images of one run that are kept. */
export const MAX_IMAGES = 200

const event = {
  v: z.literal(1),
  builderId: z.string().min(8).max(64),
  seq: z.number().int().min(1),
  at: z.iso.datetime(),
}

/** `POST …/events`: applied once each and in order of `seq` (1, 2, …), whatever is repeated on the way. */
export const BuilderEvent = z.discriminatedUnion("type", [
  z.object({ ...event, type: z.literal("started"), engine: z.string().max(512) }),
  z.object({
    ...event,
    type: z.literal("finished"),
    outcome: RunOutcome,
    /** The cause in one line, secrets masked; absent when the run succeeded. Becomes `runErrorMessage`. */
    message: z.string().max(4096).optional(),
    /** What the run has pushed, and what its builds stand on, as far as it came. */
    images: z.array(ImageDescriptor).max(MAX_IMAGES).optional(),
    dependencies: z.array(ImageDependencies).max(MAX_IMAGES).optional(),
  }),
])
export type BuilderEvent = z.infer<typeof BuilderEvent>
