/**
 * A tar archive (POSIX ustar) of plain files with short names.
 *
 * @param {{ name: string, mode: number, content: Buffer }[]} files
 * @returns {Buffer}
 */
export function tarOf(files) {
  return Buffer.concat([
    ...files.flatMap(({ name, mode, content }) => [header(name, mode, content.length), padded(content)]),
    Buffer.alloc(1024),
  ])
}

/**
 * @param {string} name
 * @param {number} mode
 * @param {number} size
 */
function header(name, mode, size) {
  const block = Buffer.alloc(512)
  /** @type {(value: number, digits: number) => string} */
  const octal = (value, digits) => `${value.toString(8).padStart(digits, "0")}\0`
  block.write(name, 0, 100)
  block.write(octal(mode, 7), 100)
  block.write(octal(0, 7), 108)
  block.write(octal(0, 7), 116)
  block.write(octal(size, 11), 124)
  block.write(octal(0, 11), 136)
  block.write("        0", 148)
  block.write("ustar\x0000", 257)
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${octal(sum, 6)} `, 148)
  return block
}

/** @param {Buffer} content */
function padded(content) {
  return Buffer.concat([content, Buffer.alloc((512 - (content.length % 512)) % 512)])
}
