const MAX_SHOWN = 200

/** A location that may still hold its secrets, fit for a message: user, password and query are left out. */
export function shownLocation(text: string): string {
  const plain = text
    .replace(/(:\/\/|^)[^\s/@]+:[^\s/@]*@/, "$1***@")
    .replace(/:\/\/[^\s/@]+@/, "://***@")
    .replace(/\?[^#]*/, "?***")
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach a log
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, "\ufffd")
  return `"${plain.length > MAX_SHOWN ? `${plain.slice(0, MAX_SHOWN)}…` : plain}"`
}
