import { z } from "zod"
import type { BuildWork, TaskWork } from "../builders/run-work.ts"
import { invalidContent } from "./invalid-content.ts"
import { ArgumentList, RunRequestProperties } from "./run-request-properties.ts"

/** `DockerBuildRequest` (`arm-contract` 12). */
export const DockerBuildRequest = RunRequestProperties.extend({
  imageNames: z.array(z.string().min(1)).max(100).default([]),
  isPushEnabled: z.boolean().default(true),
  noCache: z.boolean().default(false),
  dockerFilePath: z.string().min(1),
  target: z.string().optional(),
  arguments: ArgumentList,
})

/** `FileTaskRunRequest`: a task file that lies in the context. */
export const FileTaskRunRequest = RunRequestProperties.extend({
  taskFilePath: z.string().min(1).max(4096),
  valuesFilePath: z.string().max(4096).optional(),
  values: ArgumentList,
})

/** A task file is text that people write; what is larger was not written by any. */
const MAX_TEXT_BYTES = 1024 * 1024
const MAX_ENCODED = Math.ceil(MAX_TEXT_BYTES / 3) * 4 + 4

/** `EncodedTaskRunRequest`: a task file that comes with the request, in base64. */
export const EncodedTaskRunRequest = RunRequestProperties.extend({
  encodedTaskContent: z.string().min(1),
  encodedValuesContent: z.string().optional(),
  values: ArgumentList,
})

export function buildWorkOf(request: z.infer<typeof DockerBuildRequest>): BuildWork {
  const { dockerFilePath, imageNames, isPushEnabled, target, noCache } = request
  return {
    type: "build",
    ...{ dockerFilePath, imageNames, noCache, arguments: request.arguments },
    isPushed: isPushEnabled && imageNames.length > 0,
    ...(target === undefined || target === "" ? {} : { target }),
  }
}

export function fileTaskWorkOf({ taskFilePath, valuesFilePath, values }: z.infer<typeof FileTaskRunRequest>): TaskWork {
  return {
    type: "task",
    file: { path: taskFilePath },
    ...(valuesFilePath === undefined || valuesFilePath === "" ? {} : { valuesFile: { path: valuesFilePath } }),
    values,
  }
}

/** Errors: `InvalidRequestContent` for what is no base64, no UTF-8 or too large. */
export function encodedTaskWorkOf(request: z.infer<typeof EncodedTaskRunRequest>): TaskWork {
  const { encodedTaskContent, encodedValuesContent, values } = request
  return {
    type: "task",
    file: { text: decoded("encodedTaskContent", encodedTaskContent) },
    ...(encodedValuesContent === undefined || encodedValuesContent === ""
      ? {}
      : { valuesFile: { text: decoded("encodedValuesContent", encodedValuesContent) } }),
    values,
  }
}

function decoded(field: string, text: string): string {
  const compact = text.replace(/\s+/g, "")
  if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(compact)) throw invalidContent(field, `${field} must be base64.`)
  if (compact.length > MAX_ENCODED)
    throw invalidContent(field, `${field} must not hold more than ${MAX_TEXT_BYTES} bytes.`)
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(Buffer.from(compact, "base64"))
  } catch {
    throw invalidContent(field, `${field} must be base64 of a text in UTF-8.`)
  }
}
