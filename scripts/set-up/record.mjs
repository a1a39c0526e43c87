import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import path from "node:path"
import { findPrograms } from "./programs.mjs"
import { run } from "./run.mjs"

/**
 * What a set-up found in order, so that the next one need not look again: files with their times of change.
 *
 * @typedef {object} SetUpRecord
 * @property {Record<string, number>} files
 * @property {string[]} engines every docker and podman there was: a new one is a reason to look again
 * @property {string | undefined} answering the docker program whose engine answered
 */

/**
 * @param {string} root
 * @param {string} key what the set-up was for: purpose, data folder, user
 */
export function isStillInOrder(root, key) {
  try {
    /** @type {SetUpRecord | undefined} */
    const record = JSON.parse(readFileSync(recordFile(root), "utf8"))[key]
    if (record === undefined) return false
    const isUnchanged = Object.entries(record.files).every(([file, changed]) => statSync(file).mtimeMs === changed)
    if (!isUnchanged || record.engines.join() !== engines().join()) return false
    return record.answering === undefined || run(record.answering, ["version"], { timeoutMs: 900 }).isOk
  } catch {
    return false
  }
}

/**
 * @param {string} root
 * @param {string} key
 * @param {string[]} files
 * @param {string | undefined} answering
 */
export function remember(root, key, files, answering) {
  /** @type {Record<string, SetUpRecord>} */
  let records = {}
  try {
    records = JSON.parse(readFileSync(recordFile(root), "utf8"))
  } catch {
    // The first one.
  }
  const times = Object.fromEntries([...files, ...engines()].map((file) => [file, statSync(file).mtimeMs]))
  records[key] = { files: times, engines: engines(), answering }
  mkdirSync(path.dirname(recordFile(root)), { recursive: true })
  writeFileSync(recordFile(root), `${JSON.stringify(records, undefined, 2)}\n`)
}

function engines() {
  return [...findPrograms("docker"), ...findPrograms("podman")]
}

/** @param {string} root */
function recordFile(root) {
  return path.join(root, "node_modules", ".cache", "slipway-set-up.json")
}
