import type { RunSpec } from "../shared/builders/run-spec.ts"
import { isCommonValue, isSecretName } from "../shared/secrets/is-secret-name.ts"

/**
 * Everything in a run that its log must never show: the run token, registry passwords (also as the `user:password` of a basic
 * header), the signatures of its SAS URLs, secret arguments, and arguments whose name says that they are secret.
 */
export function secretsOf(spec: RunSpec, runToken: string): string[] {
  const logins = spec.logins.flatMap(({ userName, password }) => [password, `${userName}:${password}`])
  const urls = [spec.log.url, spec.context?.url].flatMap((url) => (url === undefined ? [] : signaturesOf(url)))
  const secretArguments = spec.steps
    .flatMap((step) => (step.type === "build" ? step.arguments : []))
    .filter(({ name, value, isSecret }) => isSecret || (isSecretName(name) && !isCommonValue(value)))
    .map(({ value }) => value)
  return [runToken, ...logins, ...urls, ...secretArguments].filter((secret) => secret !== "")
}

function signaturesOf(url: string): string[] {
  return URL.canParse(url) ? new URL(url).searchParams.getAll("sig") : []
}
