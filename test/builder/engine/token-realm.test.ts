import { expect, test } from "vitest"
import { isTrustedRealm } from "../../../builder/engine/token-realm.ts"

test.each([
  ["https://r.io/token", "r.io", false, true],
  ["https://r.io:444/token", "r.io", false, true],
  ["https://auth.docker.io/token", "docker.io", false, true],
  ["http://localhost:8620/oauth2/token", "127.0.0.1:5000", true, true],
  ["http://r.io/token", "r.io", false, false],
  ["https://evil.io/token", "r.io", false, false],
  ["https://evil.io/token", "docker.io", false, false],
  ["https://auth.docker.io/token", "r.io", false, false],
  ["http://169.254.169.254/token", "r.io", true, false],
  ["http://127.0.0.1/token", "r.io", true, false],
  ["https://r.io.evil.io/token", "r.io", false, false],
  ["file:///etc/passwd", "r.io", true, false],
])("a token from %s for %s (insecure: %s): %s", (realm, registry, isInsecure, isTrusted) => {
  expect(isTrustedRealm(new URL(realm), registry, isInsecure)).toBe(isTrusted)
})
