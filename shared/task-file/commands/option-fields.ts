/**
 * The fields of an option like `type=bind,source=a,"target=b,c"`: one record of comma-separated values (RFC 4180), as docker reads it.
 * `value` is undefined for a field without an equals sign.
 */
export function optionFields(text: string): { name: string; value: string | undefined }[] {
  return [...text.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain = ""]) => {
    const field = quoted?.replaceAll('""', '"') ?? plain
    const equals = field.indexOf("=")
    return equals < 0
      ? { name: field, value: undefined }
      : { name: field.slice(0, equals), value: field.slice(equals + 1) }
  })
}
