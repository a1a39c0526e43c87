/**
 * Whether a failed attempt is one that its step wants to be tried again (task-file 3, `retryOnErrors`): always when the step names no
 * errors, else when one of the texts is in what the attempt put out.
 */
export function isRetried(errors: readonly string[], output: { stdout: string; stderr: string }): boolean {
  return errors.length === 0 || errors.some((error) => output.stdout.includes(error) || output.stderr.includes(error))
}
