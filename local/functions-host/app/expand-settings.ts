/**
 * `%NAME%` in a binding's text is the app setting of that name; a name that is not set is an error in Azure too, since the
 * function could not be indexed.
 */
export function expandSettings(text: string, appSettings: Record<string, string>): string {
  return text.replace(/%([^%\s]+)%/g, (_, name: string) => {
    const value = appSettings[name]
    if (value === undefined) throw new Error(`app setting "${name}" is not set`)
    return value
  })
}
