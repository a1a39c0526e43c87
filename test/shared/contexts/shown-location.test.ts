import { expect, test } from "vitest"
import { shownLocation } from "../../../shared/contexts/shown-location.ts"

test.each([
  ["https://user:hunter2/pw@host.example/app.tar.gz", '"https://***@host.example/app.tar.gz"'],
  ["https:/user:pw@host.example/app.tar.gz", '"https:/***@host.example/app.tar.gz"'],
  ["//user:pw@host.example/app.tar.gz", '"//***@host.example/app.tar.gz"'],
  ["https://user:hunter2 pw@host.example/a", '"https://***@host.example/a"'],
  ["ftp://user:hun@ter2pw@host.example/a", '"ftp://***@host.example/a"'],
  ["https://ghp_abc/def@github.com/o/r.git", '"https://***@github.com/o/r.git"'],
  ["user:pa/ss@host.example:path", '"***@host.example:path"'],
  ["https://user:pw@host.example/a?sig=abc#main", '"https://***@host.example/a?***#main"'],
])("%s is shown without its login", (text, shown) => {
  expect(shownLocation(text)).toBe(shown)
})

test.each([
  "https://host.example/@scope/name/-/name-1.0.0.zip",
  "https://host.example/a@v2/b",
  "git@host.example:path/repo.git",
  "https://host.example/plain.git#main",
])("%s has none and is shown as it is", (text) => {
  expect(shownLocation(text)).toBe(`"${text}"`)
})
