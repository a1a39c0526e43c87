import { spawnSync } from "node:child_process"

/**
 * Runs a program to its end.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, cwd?: string, input?: Buffer | string, timeoutMs?: number }} [options] env is added to ours
 * @returns {{ isOk: boolean, stdout: string, stderr: string }} stderr also says why it could not be started
 */
export function run(command, args, options = {}) {
  const result = spawnSync(command, args, {
    env: { ...process.env, ...options.env },
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.input === undefined ? {} : { input: options.input }),
    ...(options.timeoutMs === undefined ? {} : { timeout: options.timeoutMs, killSignal: "SIGKILL" }),
  })
  const stderr = result.error === undefined ? (result.stderr ?? "") : `${result.stderr ?? ""}${result.error.message}\n`
  return { isOk: result.status === 0, stdout: result.stdout ?? "", stderr }
}

/** What set-up cannot mend: said in one place, without a stack trace. */
export class SetUpError extends Error {}
