/** One piece of a Go time layout: text as it is, or an element of the reference time (package time, "Layouts"). */
export type LayoutPart = { text: string; element: string | undefined }

// Longer ones first where one begins another.
const element =
  /January|Jan|Monday|Mon|MST|__2|002|01|02|03|04|05|06|2006|15|-07:00:00|-070000|-07:00|-0700|-07|Z07:00:00|Z070000|Z07:00|Z0700|Z07|PM|pm|_2006|_2|[.,]0+(?![0-9])|[.,]9+(?![0-9])|[1-5]/y

/** Splits a layout. Fractions count as elements anywhere, as Go allows them behind seconds only when they stand there. */
export function readLayout(layout: string): LayoutPart[] {
  const parts: LayoutPart[] = []
  let text = ""
  for (let at = 0; at < layout.length; ) {
    element.lastIndex = at
    const found = element.exec(layout)?.[0]
    if (found === undefined || !isElement(layout, at, found)) {
      text += layout.charAt(at++)
      continue
    }
    if (text !== "") parts.push({ text, element: undefined })
    text = ""
    if (found === "_2006") {
      parts.push({ text: "_", element: undefined })
      parts.push({ text: "2006", element: "2006" })
    } else parts.push({ text: found, element: found })
    at += found.length
  }
  return text === "" ? parts : [...parts, { text, element: undefined }]
}

/** `Jan` and `Mon` are none when a small letter follows ("Month"). */
function isElement(layout: string, at: number, found: string): boolean {
  return !((found === "Jan" || found === "Mon") && /[a-z]/.test(layout.charAt(at + 3)))
}
