import type { Platform } from "../../shared/builders/run-spec.ts"
import { normalizePlatform } from "../../shared/registry/normalize-platform.ts"

/** A run's platform as images and engines have it, whatever case and names the request used. */
export function platformText({ os, architecture, variant }: Platform): string {
  return normalizePlatform([os, architecture, variant].filter((part) => part !== undefined && part !== "").join("/"))
}
