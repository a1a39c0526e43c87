import type { RunSpec } from "../builders/run-spec.ts"

/** What `{{.Run.X}}` can name (task-file 4). A value that does not apply to a run is empty, as in ACR. */
export type RunVariables = {
  ID: string
  Registry: string
  RegistryName: string
  /** `yyyyMMdd-HHmmssz`, UTC, with a literal `z`. */
  Date: string
  OS: string
  OSVersion: string
  Architecture: string
  Commit: string
  Repository: string
  Branch: string
  GitTag: string
  TaskName: string
  TriggeredBy: string
  SharedVolume: string
}

type Source = Pick<RunSpec, "runId" | "registryName" | "loginServer" | "createdAt" | "platform" | "taskName">

/**
 * The variables of a run; `source` is what its repository brought. `RegistryName` is the resource's name, not the login server up to its first dot as in `acb`: a login
 * server may be `127.0.0.1:5000` (contracts, "Local stack").
 */
export function runVariablesOf(run: Source, source: { revision?: string; branch?: string } = {}): RunVariables {
  return {
    ID: run.runId,
    Registry: run.loginServer,
    RegistryName: run.registryName,
    Date: formatRunDate(new Date(run.createdAt)),
    OS: run.platform.os.toLowerCase(),
    OSVersion: "",
    Architecture: run.platform.architecture.toLowerCase(),
    Commit: source.revision ?? "",
    Repository: "",
    Branch: source.branch ?? "",
    GitTag: "",
    TaskName: run.taskName ?? "",
    TriggeredBy: "",
    SharedVolume: "",
  }
}

/** 2010-05-20T13:14:22Z → `20100520-131422z`. */
export function formatRunDate(at: Date): string {
  const [date = "", time = ""] = at.toISOString().split("T")
  return `${date.replaceAll("-", "")}-${time.slice(0, 8).replaceAll(":", "")}z`
}
