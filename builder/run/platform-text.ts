import type { Platform } from "../../shared/builders/run-spec.ts"

/** `os/architecture[/variant]` as images and engines have it, whatever case the request used; ACR's `x86` is their `386`. */
export function platformText({ os, architecture, variant }: Platform): string {
  const parts = [os, architecture === "x86" ? "386" : architecture, variant]
  return parts
    .filter((part) => part !== undefined && part !== "")
    .join("/")
    .toLowerCase()
}
