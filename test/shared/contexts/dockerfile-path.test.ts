import { expect, test } from "vitest"
import { dockerfilePath } from "../../../shared/contexts/dockerfile-path.ts"

test.each([
  [false, "", "", "Dockerfile"],
  [false, "build", "", "build/Dockerfile"],
  [false, "", "foo/bar/Dockerfile", "foo/bar/Dockerfile"],
  [false, "build", "foo/Dockerfile", "build/foo/Dockerfile"],
  [true, ".", "", "Dockerfile"],
  [true, "src/foo", "", "src/foo/Dockerfile"],
  [true, "src/foo", "bar/qux/Dockerfile", "bar/qux/Dockerfile"],
  [true, ".", "./a/../b.Dockerfile", "b.Dockerfile"],
])("local %s, context %s, -f %s: %s", (isLocal, folder, file, path) => {
  expect(dockerfilePath(isLocal, folder, file)).toBe(path)
})
