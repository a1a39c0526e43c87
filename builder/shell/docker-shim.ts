/** Where the shell finds the shim and its calls, inside the sandbox. */
export const SHIM_FOLDER = "/run/slipway"
/** The descriptor on which the shim announces a call. */
export const CALLS_DESCRIPTOR = 9

/**
 * `docker` inside the sandbox: hands its arguments to the builder and plays back what came of them. A call is a few files named after
 * the shim's process id: `args`, zero-terminated; the pipes `in`, `out` and `err`; and the pipe `end`, on which the builder says
 * `stdin` when the container reads its input, and last the exit code, or at once `refused`, when it opens no other pipe. All pipes are
 * there before the call is announced, and `end` is held open from both sides, so that nothing is said before somebody listens.
 */
export const DOCKER_SHIM = `#!/bin/sh
call=${SHIM_FOLDER}/$$
rm -f "$call".*
mkfifo "$call.in" "$call.out" "$call.err" "$call.end" || exit 125
exec 8<>"$call.end" 7<&0
printf '%s\\0' "$@" >"$call.args"
cat <"$call.out" 7<&- 8<&- 9>&- &
out=$!
cat <"$call.err" >&2 7<&- 8<&- 9>&- &
err=$!
printf '%s\\n' "$$" >&${CALLS_DESCRIPTOR}
read -r word <&8
if [ "$word" = refused ]; then
  kill "$out" "$err"
  echo "docker: the call could not be read" >&2
  word=125
fi
if [ "$word" = stdin ]; then
  cat <&7 >"$call.in" 8<&- 9>&- &
  read -r word <&8
fi
wait "$out" "$err"
rm -f "$call".*
exit "$word"
`
