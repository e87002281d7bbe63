// Owns: lies of byzantine validators at their network port.
import type { Network } from '../node/ports.ts'
import type { Coverage } from './coverage.ts'
import type { Machine } from './machine.ts'
import type { Random } from './prng.ts'
import type { Timeline } from './timeline.ts'

/** What a liar has at hand. */
export type ByzantineParts = {
  readonly machine: Machine
  readonly ways: ReadonlySet<string>
  readonly random: Random
  readonly timeline: Timeline
  readonly coverage: Coverage
  readonly machines: readonly Machine[]
}

/** The port of a liar over the honest one. */
export function createByzantinePort(port: Network, _parts: ByzantineParts): Network {
  return port
}
