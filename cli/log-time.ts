/** `2026/01/02 03:04:05`, local time: what acb puts in front of its own lines (task-file 9). */
export function logTime(at: Date): string {
  const two = (number: number) => String(number).padStart(2, "0")
  const date = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join("/")
  return `${date} ${[at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(":")}`
}
