import type { TextProblem } from "../../templates/rendered-text.ts"

/** A problem as compilers write it, so that editors and eyes find it: `acb.yaml:12:5: message`. Always one line. */
export function problemLine(file: string, { line, column, message }: TextProblem): string {
  return `${file}:${line}:${column}: ${message.replace(/\s*\n\s*/g, " ")}`
}
