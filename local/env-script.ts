import path from "node:path"
import { servicePrincipalOf } from "./principal-of.ts"
import type { StackState } from "./stack-state.ts"
import { loginServer, publicUrl } from "./stack-urls.ts"

/** No registry's login server contains it, so `-r slipway` and `-r 127.0.0.1:5000` stay as they are (az-cli 13, 14.2). */
const NO_SUFFIX = ".slipway.test"

/**
 * `env.sh`, for POSIX sh, bash and zsh: points az, curl, Node and Python at the stack and, the first time, signs az in
 * (az-cli 13). The secret is read by az from its file (`-p @file`), so it never stands in an argument list. Everything
 * that sourcing could change for the worse is kept: positional parameters, other proxies, a shell with `set -eu`.
 */
export function envScript(stack: StackState): string {
  const url = publicUrl(stack)
  const admin = servicePrincipalOf(stack, "admin")
  const at = (name: string) => quote(path.join(stack.dataFolder, name))
  const cloud = [
    ["--endpoint-resource-manager", url],
    ["--endpoint-active-directory", `${url}/adfs`],
    ["--endpoint-active-directory-resource-id", `${url}/`],
    ["--endpoint-active-directory-graph-resource-id", `${url}/`],
    ["--suffix-acr-login-server-endpoint", NO_SUFFIX],
    ["--suffix-keyvault-dns", `.vault${NO_SUFFIX}`],
    ["--suffix-storage-endpoint", `localhost:${stack.frontPort}`],
  ].map(([option, value]) => `${option} ${quote(value ?? "")}`)
  return `# Made at every start of the stack. Source it: . ${at("env.sh")}
export SLIPWAY_DATA=${quote(stack.dataFolder)}
export SLIPWAY_URL=${quote(url)}
export SLIPWAY_REGISTRY=${quote(loginServer(stack))}
export AZURE_CONFIG_DIR=${at("az")}
export AZURE_CORE_COLLECT_TELEMETRY=no
export AZURE_CORE_ERROR_RECOMMENDATION=off
# Bundles of our CA and the system's: what replaces the system's must hold both.
export REQUESTS_CA_BUNDLE=${at("ca/bundle.pem")}
export NODE_EXTRA_CA_CERTS=${at("ca/ca.pem")}
case "\${SSL_CERT_FILE:-}" in
  "" | */ca/bundle.pem) export SSL_CERT_FILE=${at("ca/bundle.pem")} ;;
esac
_slipway_direct="\${no_proxy:-\${NO_PROXY:-}}"
for _slipway_host in localhost 127.0.0.1; do
  case ",$_slipway_direct," in
    *",$_slipway_host,"*) ;;
    *) _slipway_direct="\${_slipway_direct:+$_slipway_direct,}$_slipway_host" ;;
  esac
done
export NO_PROXY="$_slipway_direct" no_proxy="$_slipway_direct"

_slipway_failed=
# And by which az: one stumbles over the cache that a newer one has left here.
_slipway_who=${quote(`${url} ${admin.id}`)}" $(command -v az || :)"
_slipway_marker="$AZURE_CONFIG_DIR/slipway-signed-in"
if ! command -v az >/dev/null 2>&1; then
  if [ -z "\${_slipway_said:-}" ]; then
    _slipway_said=yes
    echo 'slipway: az is not installed; with curl instead:' >&2
    echo '  SLIPWAY_TOKEN=$(npm run -s token)' >&2
    echo '  curl -H "Authorization: Bearer $SLIPWAY_TOKEN" "$SLIPWAY_URL/subscriptions?api-version=2019-11-01"' >&2
  fi
elif [ "$(cat "$_slipway_marker" 2>/dev/null || :)" != "$_slipway_who" ]; then
  mkdir -p "$AZURE_CONFIG_DIR"
  # Tokens and documents of another address or another stack that was here before.
  rm -f "$_slipway_marker" "$AZURE_CONFIG_DIR"/msal_token_cache.json "$AZURE_CONFIG_DIR"/msal_http_cache.bin \\
    "$AZURE_CONFIG_DIR"/azureProfile.json "$AZURE_CONFIG_DIR"/service_principal_entries.json
  if _slipway_output=$(
    set -- -n Slipway \\
      ${cloud.join(" \\\n      ")}
    { az cloud register "$@" >/dev/null 2>&1 || az cloud update "$@" 2>&1; } && az cloud set -n Slipway 2>&1 &&
      az login --service-principal -u ${quote(admin.id)} -p @${at("az-secret")} -t ${stack.tenantId} -o none 2>&1
  ); then
    echo "$_slipway_who" >"$_slipway_marker"
    echo "slipway: az is signed in to $SLIPWAY_URL" >&2
  else
    _slipway_failed=yes
    # What az calls an error: after it come tracebacks, links and advice, by version.
    _slipway_output=$(printf '%s\\n' "$_slipway_output" | grep '^ERROR: ' || printf '%s\\n' "$_slipway_output")
    _slipway_output=$(printf '%s\\n' "$_slipway_output" | grep . | tail -n 1 || :)
    echo "slipway: az could not sign in ($_slipway_output): see that the stack runs (npm start), then source this file again" >&2
  fi
fi
unset _slipway_direct _slipway_host _slipway_who _slipway_marker
unset _slipway_output
if [ -n "$_slipway_failed" ]; then
  unset _slipway_failed
  false
else
  unset _slipway_failed
fi
`
}

/** A word for a POSIX shell, whatever is in it. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
