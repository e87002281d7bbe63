// Owns: what a byzantine validator has at hand, types only. Not here: its lies (byzantine.ts, flood.ts).
import type { BlockId } from '../core/base/ids.ts'
import type { Network, PeerId } from '../node/ports.ts'
import type { Coverage } from './coverage.ts'
import type { Forger } from './forge.ts'
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
  /** What the liars of a run agreed on: whom each of two rival blocks was shown to. */
  readonly plot: Map<BlockId, readonly PeerId[]>
  /** All liars of the run. */
  readonly fellows: readonly PeerId[]
}

/** A liar at work. */
export type Liar = ByzantineParts & {
  readonly port: Network
  readonly forger: Forger
  readonly authority: string
  /** Blocks proposed at the height in hand, by anyone. */
  readonly blocks: BlockId[]
  height: number
  readonly others: () => readonly PeerId[]
}
