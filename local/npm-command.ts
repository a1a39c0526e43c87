import path from "node:path"
import { LocalSettings } from "./local-settings.ts"

/** `npm stop` and its like as somebody types them for this data folder: with `SLIPWAY_DATA` where it is not the default. */
export function npmCommand(command: string, dataFolder: string): string {
  if (dataFolder === path.resolve(LocalSettings.shape.SLIPWAY_DATA.parse(undefined))) return command
  const word = /^[\w./-]+$/.test(dataFolder) ? dataFolder : `'${dataFolder.replaceAll("'", `'\\''`)}'`
  return `SLIPWAY_DATA=${word} ${command}`
}
