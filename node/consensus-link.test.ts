// Owns: tests of consensus frames on their way in: what is taken, what is penalised, what is neither, and what repetition costs.
import { describe, expect, it } from 'vitest'
import { asHash32 } from '../core/base/ids.ts'
import { txRootOf } from '../core/chain/block.ts'
import type { CompactBlock } from '../core/chain/block.ts'
import { CITY_PARAMS } from '../core/chain/params.ts'
import type { Proposal, Vote } from '../core/chain/vote.ts'
import { verifySignature } from '../core/crypto/keys.ts'
import type { Input } from '../consensus/input.ts'
import { step } from '../consensus/machine.ts'
import { encodeConsensusMessage } from '../consensus/message.ts'
import type { ConsensusMessage } from '../consensus/message.ts'
import { createConsensusState } from '../consensus/state.ts'
import { encodeSummary, summaryOf } from '../consensus/summary.ts'
import { TOY_CHAIN_ID, TOY_TIME, createToyVotes } from '../test/helpers/toy-votes.ts'
import { createVirtualTime } from '../test/helpers/virtual-nodes.ts'
import type { Bodies } from './bodies.ts'
import { createBodies } from './bodies.ts'
import type { ChainHead } from './chain-head.ts'
import { createConsensusLink } from './consensus-link.ts'
import type { Bundle } from '../consensus/catch-up.ts'
import type { ConsensusSigner } from './signer.ts'
import { failure } from '../core/base/errors.ts'
import { EnvelopeError } from '../core/execution/errors.ts'

const toy = createToyVotes()
const other = asHash32('cd'.repeat(32))

function createRig(options: { height?: number; isForeign?: ConsensusSigner['isForeign']; self?: number } = {}) {
  const height = options.height ?? 0
  const time = createVirtualTime(TOY_TIME)
  const state = createConsensusState()
  if (height > 0) step(state, { ...toy.startHeight, height })
  step(state, { ...toy.startHeight, height: height + 1 })
  const inputs: Input[] = []
  const penalties: string[] = []
  const twins: string[] = []
  const holders: string[] = []
  const sent: { bundle: Bundle; peer: string | null }[] = []
  let verified = 0
  const head = { height, set: toy.set, signedBy: toy.set, params: CITY_PARAMS } as unknown as ChainHead
  const bodies: Bodies = createBodies({
    findWaiting: () => null,
    checkBytes: () => failure(EnvelopeError.MALFORMED),
    isPinned: () => false,
    onDropped: () => undefined,
  })
  const self = options.self ?? -1
  const link = createConsensusLink({
    chainId: TOY_CHAIN_ID,
    state,
    head: () => head,
    certificateAt: (at) => (at >= 1 && at <= height ? toy.certificate({ type: 'precommit', height: at }) : null),
    checkSignature(claim) {
      verified++
      return verifySignature(claim)
    },
    bodies,
    fetcher: { noteHolder: (_id: string, peer: string) => holders.push(peer) } as never,
    publisher: {
      publishSummary: () => undefined,
      publishBundle: (bundle: Bundle, peer: string | null) => sent.push({ bundle, peer }),
    } as never,
    network: { penalise: (peer, reason) => void penalties.push(`${peer}: ${reason}`) },
    signer: () =>
      self === -1 ? null : ({ authority: toy.set.validators[self]?.authority, isForeign: options.isForeign } as never),
    clock: time.clock,
    enqueue: (input) => void inputs.push(input),
    onPeerHeight: () => undefined,
    witness: { onProposal: () => undefined, onVote: () => undefined },
    isForeignKnown: () => false,
    onEvidence: () => null,
    onTwin: (what) => void twins.push(what),
  })
  const receive = (message: ConsensusMessage, peer = 'p'): void => link.onConsensusFrame(peer, encodeConsensusMessage(message))
  const vote = (index: number, parts: Parameters<typeof toy.vote>[1] = {}): ConsensusMessage => ({
    kind: 'vote',
    vote: toy.vote(index, { height: height + 1, ...parts }),
  })
  return {
    time,
    state,
    head: head as { height: number },
    inputs,
    penalties,
    twins,
    holders,
    sent,
    bodies,
    link,
    receive,
    vote,
    verified: () => verified,
  }
}

function proposalOf(compact: CompactBlock, parts: Parameters<typeof toy.proposal>[0] = {}): Proposal {
  return toy.proposal({ blockId: toy.blockIdOf(compact.header), ...parts })
}

describe('lies', () => {
  const bad = <T extends Vote | Proposal>(message: T): T => ({ ...message, signature: new Uint8Array(64) })
  const forged = toy.certificate({ type: 'prevote' })

  it.each<[string, ConsensusMessage]>([
    ['a vote with a bad signature', { kind: 'vote', vote: bad(toy.vote(0)) }],
    ['a vote of nobody', { kind: 'vote', vote: { ...toy.vote(0), validator: '11'.repeat(20) as never } }],
    ['a precommit with a valid round', { kind: 'vote', vote: toy.vote(0, { type: 'precommit', round: 3, validRound: 1 }) }],
    [
      'a proposal of the wrong proposer',
      { kind: 'proposal', proposal: toy.proposal({ by: (toy.indexOfProposer(1, 0) + 1) % 4 }), polka: null, block: null },
    ],
    ['a proposal with a bad signature', { kind: 'proposal', proposal: bad(toy.proposal()), polka: null, block: null }],
    ['a compact block of another proposal', { kind: 'proposal', proposal: toy.proposal(), polka: null, block: toy.compact() }],
    ['a polka of too few', { kind: 'polka', certificate: toy.certificate({}, [0, 1]) }],
    [
      'a polka with a bad signature',
      { kind: 'polka', certificate: { ...forged, signatures: forged.signatures.map(() => new Uint8Array(64)) } },
    ],
    ['a polka of precommits', { kind: 'polka', certificate: toy.certificate({ type: 'precommit' }) }],
    ['a commit of prevotes', { kind: 'commit', certificate: forged }],
    ['votes of several heights', { kind: 'votes', votes: [toy.vote(0), toy.vote(0, { height: 2 })] }],
    ['a good vote and a bad one', { kind: 'votes', votes: [toy.vote(0), bad(toy.vote(1))] }],
  ])('are penalised once and bring no input of the lie: %s', (_, message) => {
    const rig = createRig()
    rig.receive(message, 'liar')
    expect(rig.penalties).toHaveLength(1)
    expect(rig.penalties[0]).toMatch(/^liar: /)
    expect(rig.inputs.length).toBeLessThanOrEqual(1)
  })

  it('in bytes: garbage, truncation, appended bytes, frames of another form', () => {
    const rig = createRig()
    const frame = encodeConsensusMessage({ kind: 'vote', vote: toy.vote(0) })
    for (const bytes of [
      new Uint8Array(0),
      new Uint8Array([255]),
      frame.slice(0, -1),
      new Uint8Array([...frame, 0]),
      new Uint8Array(500).fill(7),
    ])
      rig.link.onConsensusFrame('liar', bytes)
    rig.link.onSummaryFrame('liar', new Uint8Array([1, 2, 3]))
    expect(rig.penalties).toHaveLength(6)
    expect(rig.inputs).toEqual([])
  })

  it('of a compact block whose number of ids is not its header’s', () => {
    const rig = createRig()
    const compact = toy.compact({ txCount: 5 }, [])
    rig.receive({ kind: 'proposal', proposal: proposalOf(compact), polka: null, block: compact }, 'liar')
    expect(rig.penalties).toEqual(['liar: a compact block that does not fit its proposal'])
    expect(rig.bodies.compact(toy.blockIdOf(compact.header))).toBeNull()
  })
})

describe('what honest peers send late or early', () => {
  it('is never penalised: heights long gone, the height before, rounds long gone', () => {
    const rig = createRig({ height: 5 })
    for (const height of [1, 4, 5]) {
      rig.receive({ kind: 'proposal', proposal: toy.proposal({ height }), polka: null, block: null })
      rig.receive({ kind: 'polka', certificate: toy.certificate({ height }) })
      rig.receive({ kind: 'commit', certificate: toy.certificate({ height, type: 'precommit' }) })
    }
    for (const height of [1, 4]) rig.receive({ kind: 'vote', vote: toy.vote(0, { height }) })
    expect(rig.inputs).toEqual([])
    rig.receive({ kind: 'vote', vote: toy.vote(1, { height: 5, type: 'precommit' }) })
    step(rig.state, { kind: 'wake', height: 6 })
    rig.receive({ kind: 'vote', vote: toy.vote(0, { height: 6, blockId: null }) })
    expect(rig.inputs).toHaveLength(2)
    expect(rig.penalties).toEqual([])
  })

  it('waits for its height, is verified then, and its lies are penalised then', () => {
    const rig = createRig()
    rig.receive({ kind: 'vote', vote: toy.vote(0, { height: 2 }) }, 'honest')
    rig.receive({ kind: 'vote', vote: { ...toy.vote(1, { height: 2 }), signature: new Uint8Array(64) } }, 'liar')
    expect([rig.inputs, rig.penalties, rig.verified()]).toEqual([[], [], 0])
    rig.head.height = 1
    rig.link.onHeight()
    expect(rig.inputs).toEqual([{ kind: 'vote', vote: toy.vote(0, { height: 2 }) }])
    expect(rig.penalties).toHaveLength(1)
    expect(rig.penalties[0]).toMatch(/^liar: /)
  })

  it('costs neither memory nor verification in a flood of far heights', () => {
    const rig = createRig()
    const vote = toy.vote(0)
    for (let i = 0; i < 20_000; i++) rig.receive({ kind: 'vote', vote: { ...vote, height: 100 + i } }, 'liar')
    rig.head.height = 200
    rig.link.onHeight()
    expect([rig.inputs, rig.penalties, rig.verified()]).toEqual([[], [], 0])
  })
})

describe('repetition', () => {
  it('of a vote that the machine has costs no verification and no input', () => {
    const rig = createRig()
    rig.receive(rig.vote(0))
    for (const input of rig.inputs.splice(0)) step(rig.state, input)
    const before = rig.verified()
    for (let i = 0; i < 100; i++) rig.receive(rig.vote(0))
    expect([rig.inputs, rig.verified()]).toEqual([[], before])
  })

  it('of a vote with another signature, or another word of the same validator, is verified', () => {
    const rig = createRig()
    rig.receive(rig.vote(0))
    for (const input of rig.inputs.splice(0)) step(rig.state, input)
    rig.receive({ kind: 'vote', vote: { ...toy.vote(0), signature: new Uint8Array(64) } }, 'liar')
    expect(rig.penalties).toHaveLength(1)
    rig.receive(rig.vote(0, { blockId: other }))
    expect(rig.inputs).toHaveLength(1)
  })

  it('of a polka that the machine has costs nothing either', () => {
    const rig = createRig()
    rig.receive({ kind: 'polka', certificate: toy.certificate() })
    for (const input of rig.inputs.splice(0)) step(rig.state, input)
    const before = rig.verified()
    rig.receive({ kind: 'polka', certificate: toy.certificate({}, [1, 2, 3]) })
    expect([rig.inputs, rig.verified()]).toEqual([[], before])
  })
})

describe('the time of a fresh proposal', () => {
  const { precisionMs, messageDelayMs } = CITY_PARAMS
  const timelyAt = (time: number, round = 0): unknown => {
    const rig = createRig()
    const proposer = toy.set.validators[toy.indexOfProposer(1, round)]?.authority
    const compact = toy.compact({ time, ...(proposer === undefined ? {} : { proposer }) })
    rig.receive({ kind: 'proposal', proposal: proposalOf(compact, { round }), polka: null, block: compact })
    const [input] = rig.inputs
    return input?.kind === 'proposal' ? input.timely : input
  }

  it('is timely within the precision ahead and the delay behind, which grows by round', () => {
    expect(timelyAt(TOY_TIME)).toBe(true)
    expect(timelyAt(TOY_TIME + precisionMs)).toBe(true)
    expect(timelyAt(TOY_TIME + precisionMs + 1)).toBe(false)
    expect(timelyAt(TOY_TIME - messageDelayMs - precisionMs)).toBe(true)
    expect(timelyAt(TOY_TIME - messageDelayMs - precisionMs - 1)).toBe(false)
    expect(timelyAt(TOY_TIME - Math.floor(messageDelayMs * 1.1) - precisionMs, 1)).toBe(true)
  })

  it('untimely is no lie: nobody is penalised', () => {
    const rig = createRig()
    const compact = toy.compact({ time: TOY_TIME + 60_000 })
    rig.receive({ kind: 'proposal', proposal: proposalOf(compact), polka: null, block: compact })
    expect(rig.penalties).toEqual([])
  })

  it('cannot be judged without the header: a stripped copy does not take the place of the proposer’s own', () => {
    const rig = createRig()
    const compact = toy.compact()
    const proposal = proposalOf(compact)
    rig.receive({ kind: 'proposal', proposal, polka: null, block: null }, 'liar')
    expect(rig.inputs).toEqual([])
    rig.receive({ kind: 'proposal', proposal, polka: null, block: compact }, 'proposer')
    expect(rig.inputs).toEqual([{ kind: 'proposal', proposal, timely: true }])
    rig.receive({ kind: 'proposal', proposal, polka: null, block: null }, 'relay')
    expect(rig.inputs).toHaveLength(2)
    expect(rig.holders).toEqual(['liar', 'proposer', 'relay'])
  })

  it('does not matter for a block that names another proposer: it is not prevoted', () => {
    const rig = createRig()
    const compact = toy.compact({ proposer: toy.set.validators[toy.indexOfProposer(1, 1)]?.authority as never })
    const proposal = proposalOf(compact)
    rig.receive({ kind: 'proposal', proposal, polka: null, block: compact })
    expect(rig.inputs).toEqual([{ kind: 'proposal', proposal, timely: false }])
    expect(rig.penalties).toEqual([])
  })

  it('is not asked of a re-proposal, with or without its block', () => {
    const rig = createRig()
    const compact = toy.compact({ time: 1, txRoot: txRootOf([]) })
    const blockId = toy.blockIdOf(compact.header)
    const polka = toy.certificate({ blockId })
    const proposal = proposalOf(compact, { round: 2, validRound: 0 })
    rig.receive({ kind: 'proposal', proposal, polka, block: null })
    expect(rig.inputs).toEqual([
      { kind: 'polka', certificate: polka },
      { kind: 'proposal', proposal, timely: true },
    ])
  })
})

describe('our own key', () => {
  it('signing elsewhere is reported, and its message goes no further', () => {
    const rig = createRig({ self: 2, isForeign: () => true })
    rig.receive(rig.vote(2))
    expect([rig.twins, rig.inputs, rig.penalties]).toEqual([['prevote at height 1 round 0'], [], []])
    rig.receive(rig.vote(1))
    expect(rig.inputs).toHaveLength(1)
  })

  it('signing elsewhere is seen inside a polka too, which is all that a peer may still hold of an old round', () => {
    const certificate = toy.certificate({ type: 'prevote' })
    const inside = [0, 1, 2, 3].filter((i) => ((certificate.bitmap[0] ?? 0) & (0x80 >> i)) !== 0)
    const [self = -1] = inside
    const rig = createRig({ self, isForeign: () => true })
    rig.receive({ kind: 'polka', certificate })
    expect([rig.twins, rig.inputs.length, rig.penalties]).toEqual([['prevote at height 1 round 0'], 1, []])
    const ours = createRig({ self, isForeign: () => false })
    ours.receive({ kind: 'polka', certificate })
    expect([ours.twins, ours.inputs.length]).toEqual([[], 1])
  })

  it('coming back by a peer is taken, since a restart may have lost it here', () => {
    const rig = createRig({ self: 2, isForeign: () => false })
    rig.receive(rig.vote(2))
    expect([rig.twins, rig.inputs.length]).toEqual([[], 1])
  })

  it('cannot be impersonated: a forged vote under our name is the sender’s lie', () => {
    const rig = createRig({ self: 2, isForeign: () => true })
    rig.receive({ kind: 'vote', vote: { ...toy.vote(2), signature: new Uint8Array(64) } }, 'liar')
    expect([rig.twins, rig.penalties.length]).toEqual([[], 1])
  })
})

describe('summaries', () => {
  const summary = (height: number) => encodeSummary({ ...summaryOf(createConsensusState()), height, step: 'propose' as const })

  it('of a peer that is behind are answered with the certificate of its height', () => {
    const rig = createRig({ height: 5 })
    rig.time.clock.startTimer(0, () => undefined)
    return rig.time.advance(1_000).then(() => {
      rig.link.onSummaryFrame('late', summary(3))
      expect(rig.sent.map(({ bundle, peer }) => [bundle.commit?.height, peer])).toEqual([[3, 'late']])
      expect(rig.link.heightOfPeer('late')).toBe(2)
    })
  })

  it('are answered a few times a second at most, and forgotten with the peer', async () => {
    const rig = createRig({ height: 5 })
    await rig.time.advance(1_000)
    for (let i = 0; i < 100; i++) rig.link.onSummaryFrame('late', summary(3))
    expect(rig.sent).toHaveLength(1)
    rig.link.onPeerGone('late')
    expect(rig.link.heightOfPeer('late')).toBe(0)
  })
})
