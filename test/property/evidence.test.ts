// Owns: soundness and completeness of evidence (G8): whatever an honest signer is asked for, no two of its messages are evidence;
// whatever two messages of one place a key signs, they are. Not here: honest machines in networks (consensus, sim).
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { must } from '../../core/base/assert.ts'
import { toHex } from '../../core/base/bytes.ts'
import { amnesiaOf, duplicateProposalOf, duplicateVoteOf, encodeEvidence } from '../../core/chain/evidence.ts'
import type { Evidence } from '../../core/chain/evidence.ts'
import type { Proposal, Vote } from '../../core/chain/vote.ts'
import { verifySignature } from '../../core/crypto/keys.ts'
import { REGISTRY } from '../../modules/registry.ts'
import { createConsensusSigner } from '../../node/signer.ts'
import { initJournal, openJournal } from '../../node/storage/journal.ts'
import { createMemoryDisk } from '../../node/storage/memory-disk.ts'
import { signedProposal, signedVote, someBlock } from '../helpers/offences.ts'
import { accountOf, createRoomBench, signerOf } from '../room-bench.ts'

const chainId = 'naru-bench'
const key = signerOf('consensus-v1')
const authority = accountOf('v1')
const v1 = { chainId, authority, key }

const blockId = fc.constantFrom(null, ...['1', '2', '3'].map(someBlock))
const round = fc.integer({ min: 0, max: 5 })
const wish = fc.record({
  kind: fc.constantFrom('proposal', 'prevote', 'precommit'),
  height: fc.integer({ min: 1, max: 3 }),
  round,
  blockId,
  validRound: fc.integer({ min: -1, max: 4 }),
})
type Wish = { kind: string; height: number; round: number; blockId: Vote['blockId']; validRound: number }

function createHonest(firstRound: number) {
  const disk = createMemoryDisk()
  const place = { path: '/data/sign-state', chainTag: new Uint8Array(8), publicKeyHex: toHex(key.publicKey), disk }
  initJournal({ ...place, afterHeight: 0, atMs: 0 })
  const journal = openJournal({ ...place, allowCreate: false })
  // A recovery begins height 2 in a later round: locks of rounds below it are void.
  const firstRoundOf = (height: number): number => (height === 2 ? firstRound : 0)
  return createConsensusSigner({ chainId, authority, key, journal, firstRoundOf, onRefused: () => undefined })
}

function signAll(signer: ReturnType<typeof createHonest>, wishes: readonly Wish[]): { proposals: Proposal[]; votes: Vote[] } {
  const proposals: Proposal[] = []
  const votes: Vote[] = []
  for (const { kind, height, round, blockId, validRound } of wishes) {
    if (kind === 'proposal') {
      const made = blockId === null ? null : signer.signProposal({ height, round, blockId, validRound, proposer: authority })
      if (made !== null) proposals.push(made)
      continue
    }
    const type = kind as Vote['type']
    const vr = type === 'precommit' || blockId === null ? -1 : validRound
    const made = signer.signVote({ type, height, round, blockId, validRound: vr, validator: authority })
    if (made !== null) votes.push(made)
  }
  return { proposals, votes }
}

function pairsOf({ proposals, votes }: ReturnType<typeof signAll>): Evidence[] {
  const found: (Evidence | null)[] = []
  for (const a of proposals) for (const b of proposals) found.push(duplicateProposalOf(a, b))
  for (const a of votes) for (const b of votes) found.push(duplicateVoteOf(a, b), amnesiaOf(a, b))
  return found.filter((evidence) => evidence !== null)
}

test('an honest signer never makes evidence, whatever it is asked to sign and however it is begun', () => {
  fc.assert(
    fc.property(fc.array(wish, { maxLength: 40 }), round, (wishes, firstRound) => {
      const signed = signAll(createHonest(firstRound), wishes)
      expect(pairsOf(signed)).toEqual([])
    }),
    { numRuns: 300 },
  )
})

test('two different messages of one place are always evidence that a block takes, exactly once', () => {
  const place = fc.record({ height: fc.integer({ min: 1, max: 9 }), round: fc.nat({ max: 4_294_967_295 }) })
  const word = fc.record({ blockId, validRound: fc.integer({ min: -1, max: 4 }) })
  const type = fc.constantFrom('prevote', 'precommit', 'proposal')
  fc.assert(
    fc.property(place, word, word, type, (at, first, second, kind) => {
      fc.pre(first.blockId !== second.blockId || first.validRound !== second.validRound)
      fc.pre(kind !== 'proposal' || (first.blockId !== null && second.blockId !== null))
      const sign = (said: typeof first): never =>
        (kind === 'proposal'
          ? signedProposal(v1, { ...at, ...said, blockId: must(said.blockId, 'a block') })
          : signedVote(v1, { ...at, ...said, type: kind as Vote['type'] })) as never
      const evidence = (kind === 'proposal' ? duplicateProposalOf : duplicateVoteOf)(sign(first), sign(second))
      const city = createRoomBench(REGISTRY)
      city.jumpTo(10)
      const call = { bytes: encodeEvidence(must(evidence, 'evidence')), block: city.block(), checkSignature: verifySignature }
      const context = { view: city.view, emit: () => undefined }
      expect(REGISTRY.takeEvidence(context, call)).toBeNull()
      expect(REGISTRY.takeEvidence(context, call)).toMatchObject({ code: 'GOVERNANCE_EVIDENCE_KNOWN' })
    }),
    { numRuns: 60 },
  )
})
