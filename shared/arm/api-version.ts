import { AppError } from "../errors.ts"

/** Versions of the tasks, runs and scheduleRun operations (`arm-contract`, "Versions"). */
export const TASKS_API_VERSIONS = ["2018-09-01", "2019-04-01", "2019-06-01-preview", "2025-03-01-preview"] as const

/** Which api-versions an operation takes: those of ACR Tasks, or any date (registries, resources, subscriptions). */
export type ApiVersions = "tasks" | "any"

const DATE = /^\d{4}-\d{2}-\d{2}(-[a-z]+)?$/i

/** The version, in lower case. Errors: `MissingApiVersionParameter`, `InvalidApiVersionParameter` with the versions that would do. */
export function requireApiVersion(version: string | undefined, versions: ApiVersions): string {
  if (version === undefined || version === "") {
    throw new AppError(
      "MissingApiVersionParameter",
      "The api-version query parameter (?api-version=) is required for all requests.",
      {
        target: "api-version",
      },
    )
  }
  const isKnown =
    versions === "any" ? DATE.test(version) : TASKS_API_VERSIONS.some((known) => known === version.toLowerCase())
  if (isKnown) return version.toLowerCase()
  const supported = versions === "any" ? "any version of the form 2022-12-01" : TASKS_API_VERSIONS.join(", ")
  throw new AppError(
    "InvalidApiVersionParameter",
    `The api-version '${version}' is invalid. The supported versions are: ${supported}.`,
    {
      target: "api-version",
    },
  )
}
