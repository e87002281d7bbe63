// Owns: virtual time: events in order of time, then of their making, and the wait until a node has nothing more to do.
// Not here: the clock that a node sees (machine.ts).

/** Something that can still be called off. */
export type Pending = { readonly cancel: () => void }

/** Virtual time in ms since the start of the run. */
export type Timeline = {
  readonly nowMs: () => number
  /** Plans an event; a delay below zero counts as zero. */
  readonly after: (delayMs: number, run: () => void) => Pending
  /** Takes the next event out and runs it with the time moved there; false when nothing is planned up to `untilMs`. */
  readonly step: (untilMs: number) => boolean
  readonly planned: () => number
}

type Event = { readonly atMs: number; readonly order: number; run: (() => void) | null }

function isBefore(a: Event, b: Event): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order)
}

/** Time zero, nothing planned. */
export function createTimeline(): Timeline {
  const heap: Event[] = []
  let now = 0
  let order = 0

  const push = (event: Event): void => {
    let at = heap.length
    while (at > 0) {
      const parent = (at - 1) >> 1
      const above = heap[parent] as Event
      if (!isBefore(event, above)) break
      heap[at] = above
      at = parent
    }
    heap[at] = event
  }

  const pop = (): Event => {
    const top = heap[0] as Event
    const last = heap.pop() as Event
    if (heap.length === 0) return top
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Event, heap[child] as Event)) child++
      if (!isBefore(heap[child] as Event, last)) break
      heap[at] = heap[child] as Event
      at = child
    }
    heap[at] = last
    return top
  }

  return {
    nowMs: () => now,
    after(delayMs, run) {
      const event: Event = { atMs: now + Math.max(0, Math.round(delayMs)), order: order++, run }
      push(event)
      return {
        cancel: () => {
          event.run = null
        },
      }
    },
    step(untilMs) {
      while (heap.length > 0 && (heap[0] as Event).atMs <= untilMs) {
        const event = pop()
        if (event.run === null) continue
        now = event.atMs
        event.run()
        return true
      }
      return false
    },
    planned: () => heap.length,
  }
}

/**
 * Resolves when no promise of this process has anything left to do: Node runs a `nextTick` callback only after every microtask
 * that is due, and a node in the simulator waits for nothing but microtasks and virtual time.
 */
export function settle(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve))
}
