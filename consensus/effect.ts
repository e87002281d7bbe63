// Owns: everything the consensus machine can ask for. Not here: how it is carried out (node/effects.ts).
// Effects are performed in array order. What is signed comes back as a `proposal` or `vote` input of our own.
import type { Certificate } from '../core/chain/certificate.ts'
import type { Evidence } from '../core/chain/evidence.ts'
import type { UnsignedProposal, UnsignedVote } from '../core/chain/vote.ts'
import type { BlockId, Height, Round } from '../core/base/ids.ts'
import type { MessageInput, TimerStep } from './input.ts'

/** Two signed messages of one key that an honest signer never makes (G8), as the chain records them. */
export type Misbehaviour = Evidence

/** What the machine asks the host to do, one thing each. */
export type Effect =
  /** Build a block for our own proposal; from round 2 on `shrink` halves its limits per round, 4 and more means empty (R17). */
  | { readonly kind: 'buildBlock'; readonly height: Height; readonly round: Round; readonly shrink: number }
  /** Execute and check a proposed block; the body is fetched first where it is missing. */
  | { readonly kind: 'validateBlock'; readonly height: Height; readonly round: Round; readonly blockId: BlockId }
  /** Log, sign, journal, publish, in that order (W2); `polka` travels with a re-proposal. */
  | { readonly kind: 'signProposal'; readonly proposal: UnsignedProposal; readonly polka: Certificate | null }
  | { readonly kind: 'signVote'; readonly vote: UnsignedVote }
  | {
      readonly kind: 'startTimer'
      readonly height: Height
      readonly round: Round
      readonly step: TimerStep
      readonly delayMs: number
    }
  /** Timers of rounds below this one are pointless now. */
  | { readonly kind: 'cancelTimers'; readonly height: Height; readonly belowRound: Round }
  /** We entered a round: tell peers (summary), measure. */
  | { readonly kind: 'roundEntered'; readonly height: Height; readonly round: Round }
  /** The body of a decided or polka'd block is needed and unknown: ask its signers. */
  | { readonly kind: 'fetchBlock'; readonly height: Height; readonly blockId: BlockId }
  /** Final: commit this block with this certificate. Emitted once per height, only for a block known valid. */
  | { readonly kind: 'decide'; readonly height: Height; readonly blockId: BlockId; readonly certificate: Certificate }
  /** Two messages of one key that an honest signer never makes (R13). */
  | { readonly kind: 'misbehaviour'; readonly misbehaviour: Misbehaviour }
  /** Messages of this height that came before it started, not verified yet: verify each (verify.ts), then enqueue it (R14). */
  | { readonly kind: 'replay'; readonly height: Height; readonly inputs: readonly MessageInput[] }
