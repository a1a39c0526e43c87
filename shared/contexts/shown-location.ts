const MAX_SHOWN = 200

/** The user of a repository by ssh, which is part of its address. */
const SCP_USER = /^[\w.-]+@[\w.-]+:/
/** A path with an address in it: the password in front of it has a `/` that should have been encoded. */
const ADDRESS_IN_PATH = /^\/[^?#]*@[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}(?:[:/]|$)/i

/**
 * A location that may still hold its secrets, fit for a message: user, password and query are left out, also those of a text that is no
 * well-formed URL, where everything up to the last `@` may be a password.
 */
export function shownLocation(text: string): string {
  const plain = withoutLogin(text)
    .replace(/\?[^#]*/, "?***")
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach a log
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, "\ufffd")
  return `"${plain.length > MAX_SHOWN ? `${plain.slice(0, MAX_SHOWN)}…` : plain}"`
}

function withoutLogin(text: string): string {
  if (!text.includes("@") || SCP_USER.test(text)) return text
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isPlain = url !== undefined && url.host !== "" && url.username === "" && url.password === ""
  if (isPlain && !ADDRESS_IN_PATH.test(url.pathname)) return text
  const [scheme = ""] = /^[a-z][a-z0-9+.-]*:\/{0,2}|^\/*/i.exec(text) ?? []
  // `user:password@…` begins like a scheme.
  const start = scheme.endsWith("/") ? scheme : ""
  return `${start}***${text.slice(text.lastIndexOf("@"))}`
}
