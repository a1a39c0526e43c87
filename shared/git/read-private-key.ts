import { withLineFeeds } from "./with-line-feeds.ts"

const KEY = /^-----BEGIN ((?:OPENSSH |RSA |EC |DSA |ENCRYPTED )?PRIVATE KEY)-----\n([\s\S]+?)\n-----END \1-----$/
/** What an OpenSSH key begins with (OpenSSH, PROTOCOL.key); the length and the name of its cipher follow. */
const MAGIC = "openssh-key-v1\0"

/** A private key as ssh reads it from a file: one key, without a passphrase, with line feeds. `problem` goes on behind the setting's name. */
export function readPrivateKey(text: string): { ok: true; key: string } | { ok: false; problem: string } {
  const key = withLineFeeds(text).trim()
  const [, kind = "", body = ""] = KEY.exec(key) ?? []
  if (kind === "") {
    const what = /^(?:ssh-|ecdsa-|sk-)/.test(key) ? "is the public half of a key" : "is no private key"
    return { ok: false, problem: `${what}: give the whole text from -----BEGIN to -----END, as ssh-keygen writes it` }
  }
  if (kind.startsWith("ENCRYPTED") || /^Proc-Type: .*ENCRYPTED/m.test(body) || cipherOf(kind, body) !== "none") {
    return { ok: false, problem: "has a passphrase, which nobody is there to type: make one without (ssh-keygen -p)" }
  }
  return { ok: true, key: `${key}\n` }
}

function cipherOf(kind: string, body: string): string {
  if (!kind.startsWith("OPENSSH")) return "none"
  const bytes = Buffer.from(body, "base64")
  if (bytes.toString("latin1", 0, MAGIC.length) !== MAGIC || bytes.length < MAGIC.length + 4) return "none"
  const start = MAGIC.length + 4
  return bytes.toString("latin1", start, start + bytes.readUInt32BE(MAGIC.length))
}
