type Numbered = { sequenceNumber: number }

/** Messages in the order of their sequence numbers. New ones go to the end, one that comes back to its old place. */
export function createSequenceList<T extends Numbered>() {
  let items: (T | undefined)[] = []
  let head = 0

  const indexOf = (sequenceNumber: number) => {
    let low = head
    let high = items.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((items[middle]?.sequenceNumber ?? 0) < sequenceNumber) low = middle + 1
      else high = middle
    }
    return low
  }
  return {
    get size() {
      return items.length - head
    },
    first: (): T | undefined => items[head],
    add(item: T) {
      const last = items.length > head ? (items.at(-1)?.sequenceNumber ?? 0) : 0
      if (item.sequenceNumber > last) items.push(item)
      else items.splice(indexOf(item.sequenceNumber), 0, item)
    },
    remove(item: T) {
      const index = indexOf(item.sequenceNumber)
      if (items[index] !== item) return
      if (index > head) items.splice(index, 1)
      else items[head++] = undefined
      // Moving the rest to the front is cheap when it happens once in a thousand messages.
      if (head > 1024 || head === items.length) {
        items = items.slice(head)
        head = 0
      }
    },
  }
}
