// Owns: making messages that an honest node would not make: second words, broken blocks, broken certificates.
// Not here: when a liar uses them (byzantine.ts).
import type { BlockId, Hash32 } from '../core/base/ids.ts'
import { asHash32 } from '../core/base/ids.ts'
import { toHex } from '../core/base/bytes.ts'
import { blockIdOf } from '../core/chain/block.ts'
import type { CompactBlock } from '../core/chain/block.ts'
import type { Certificate } from '../core/chain/certificate.ts'
import { consensusSigningBytes } from '../core/chain/vote.ts'
import type { Proposal, UnsignedProposal, UnsignedVote, Vote } from '../core/chain/vote.ts'
import { encodeConsensusMessage } from '../consensus/message.ts'
import { compactOf } from '../node/bodies.ts'
import type { ChainNode } from '../node/chain-node.ts'
import { buildCandidate } from '../node/executor.ts'
import type { Random } from './prng.ts'
import type { SimAccount } from './world.ts'

/** Signs whatever it is given. */
export type Forger = {
  readonly proposal: (content: UnsignedProposal) => Proposal
  readonly vote: (content: UnsignedVote) => Vote
}

/** A forger with a validator's key and no scruples. */
export function createForger(chainId: string, account: SimAccount): Forger {
  return {
    proposal: (content) => ({ ...content, signature: account.signer.sign(consensusSigningBytes(chainId, 'proposal', content)) }),
    vote: (content) => ({ ...content, signature: account.signer.sign(consensusSigningBytes(chainId, content.type, content)) }),
  }
}

/** A random hash. */
export function randomHash(random: Random): Hash32 {
  return asHash32(toHex(random.bytes(32)))
}

/** Another valid empty block for the same height, `laterMs` after the given one; null when the head has moved on. */
export function siblingOf(node: ChainNode, compact: CompactBlock, laterMs: number): CompactBlock | null {
  const { header, lastCommit } = compact
  if (node.head().height + 1 !== header.height) return null
  const candidate = buildCandidate(node.executor, {
    proposer: header.proposer,
    lastCommit,
    time: header.time + laterMs,
    bytesMax: 0,
    txsMax: 0,
    candidates: [],
    isTimeUp: () => true,
    onBarred: () => undefined,
  })
  return compactOf(candidate)
}

/** The same block with one thing in it that is not true. */
export function brokenBlock(compact: CompactBlock, random: Random): CompactBlock {
  const { header } = compact
  switch (random.below(7)) {
    case 0:
      return { ...compact, header: { ...header, stateRoot: randomHash(random) } }
    case 1:
      return { ...compact, header: { ...header, time: header.time - 3_600_000 } }
    case 2:
      return { ...compact, header: { ...header, parentId: randomHash(random) } }
    case 3:
      return { ...compact, header: { ...header, receiptsRoot: randomHash(random) } }
    case 4:
      return { ...compact, header: { ...header, nextValidatorsHash: randomHash(random) } }
    case 5:
      return { ...compact, header: { ...header, txCount: 1 } }
    default:
      return { ...compact, header: { ...header, height: header.height + 1 } }
  }
}

/** A block whose body nobody has. */
export function hollowBlock(compact: CompactBlock, random: Random): CompactBlock {
  const header = { ...compact.header, txRoot: randomHash(random), txCount: 1, bodyBytes: 100 }
  return { ...compact, header, txIds: [randomHash(random)] }
}

/** A frame with a fresh proposal for a block. */
export function proposalFrame(forger: Forger, model: Proposal, block: CompactBlock): { frame: Uint8Array; blockId: BlockId } {
  const blockId = blockIdOf(block.header)
  const proposal = forger.proposal({ ...model, blockId })
  return { frame: encodeConsensusMessage({ kind: 'proposal', proposal, polka: null, block }), blockId }
}

/** A certificate that must not be accepted: bad signature, a signature twice, wrong round, bits beyond the set, one too few. */
export function brokenCertificate(certificate: Certificate, random: Random): Certificate {
  const { bitmap, signatures } = certificate
  switch (random.below(6)) {
    case 0:
      return { ...certificate, signatures: signatures.map((one, i) => (i === 0 ? random.bytes(64) : one)) }
    case 1:
      return { ...certificate, signatures: signatures.map(() => signatures[0] ?? random.bytes(64)) }
    case 2:
      return { ...certificate, round: certificate.round + 1 }
    case 3:
      return { ...certificate, bitmap: bitmap.map(() => 0xff) }
    case 4:
      return { ...certificate, bitmap: bitmap.map((byte) => byte & (byte - 1)), signatures: signatures.slice(1) }
    default:
      return { ...certificate, blockId: randomHash(random) }
  }
}
