import { HeartbeatAnswer, type HeartbeatRequest } from "../../shared/builders/builder-messages.ts"
import { pause } from "../retry.ts"
import { type Post, ServiceRefusal } from "./post.ts"

/** `ended`: the run is over or another builder's. `unknown`: the service is away, which is no reason to stop building. */
export type HeartbeatNews = "carryOn" | "cancel" | "ended" | "unknown"

/** One heartbeat. Never throws. */
export async function beat(
  post: Post,
  builderId: string,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<HeartbeatNews> {
  const request: HeartbeatRequest = { v: 1, builderId }
  try {
    const answer = await post("heartbeat", request, { timeoutMs, ...(signal === undefined ? {} : { signal }) })
    return HeartbeatAnswer.parse(answer).isCancelRequested ? "cancel" : "carryOn"
  } catch (error) {
    const isEnded = error instanceof ServiceRefusal && (error.status === 410 || error.status === 409)
    return isEnded ? "ended" : "unknown"
  }
}

/** Beats every `everyMs` until the signal aborts or the run is to end, and reports that once. */
export async function watchHeartbeat(
  post: Post,
  builderId: string,
  everyMs: number,
  onNews: (news: "cancel" | "ended") => void,
  signal: AbortSignal,
): Promise<void> {
  try {
    for (;;) {
      await pause(everyMs, signal)
      const news = await beat(post, builderId, Math.max(everyMs, 10_000), signal)
      signal.throwIfAborted()
      if (news === "ended") return onNews("ended")
      // The beats go on: the service must see that someone is still cleaning up.
      if (news === "cancel") onNews("cancel")
    }
  } catch {
    // Aborted: nobody listens any more.
  }
}
