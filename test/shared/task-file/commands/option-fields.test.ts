import { expect, test } from "vitest"
import { optionFields } from "../../../../shared/task-file/commands/option-fields.ts"

test.each([
  [
    "id=a,src=b",
    [
      ["id", "a"],
      ["src", "b"],
    ],
  ],
  [
    "type=bind,readonly",
    [
      ["type", "bind"],
      ["readonly", undefined],
    ],
  ],
  [
    'id=a,"src=b,c ""d"""',
    [
      ["id", "a"],
      ["src", 'b,c "d"'],
    ],
  ],
  ["a=b=c", [["a", "b=c"]]],
])("the fields of %s are read as docker reads them", (text, fields) => {
  expect(optionFields(text)).toEqual(fields.map(([name, value]) => ({ name, value })))
})
