// Owns: the hash over everything that happened in a run, and the last lines of it for people. Not here: what is worth a line.
import { createHash } from 'node:crypto'

/** The record of a run: two runs with one hash did the same. */
export type Audit = {
  readonly note: (line: string, bytes?: Uint8Array) => void
  /** 64 hex digits over everything noted so far. */
  readonly hash: () => string
  readonly count: () => number
  /** The last lines, oldest first; empty unless kept. */
  readonly tail: () => readonly string[]
}

/** An empty record that keeps its last `keep` lines as text; `write` sees each line at once. */
export function createAudit(keep: number, write: ((line: string) => void) | null): Audit {
  const hash = createHash('sha256')
  const lines: string[] = []
  let count = 0
  return {
    note(line, bytes) {
      count++
      hash.update(line)
      hash.update('\n')
      if (bytes !== undefined) hash.update(bytes)
      if (keep > 0) {
        lines.push(line)
        if (lines.length > 2 * keep) lines.splice(0, lines.length - keep)
      }
      write?.(line)
    },
    hash: () => hash.copy().digest('hex'),
    count: () => count,
    tail: () => lines.slice(-keep),
  }
}
