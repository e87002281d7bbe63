// Owns: lies that need no occasion: floods of far votes and garbage, broken certificates, lying heights and answers.
// Not here: lies about the round in hand (byzantine.ts).
import { must } from '../core/base/assert.ts'
import { CodecError } from '../core/base/errors.ts'
import { LIMITS } from '../core/base/limits.ts'
import { buildCertificate } from '../core/chain/certificate.ts'
import type { Certificate } from '../core/chain/certificate.ts'
import type { Vote } from '../core/chain/vote.ts'
import { decode, encode } from '../core/codec/schema.ts'
import { encodeConsensusMessage } from '../consensus/message.ts'
import { decodeSummary, encodeSummary } from '../consensus/summary.ts'
import { StatusSchema } from '../node/answers.ts'
import { BlocksAnswerSchema } from '../node/block-sync.ts'
import type { ChainNode } from '../node/chain-node.ts'
import type { RequestProtocol } from '../node/ports.ts'
import { brokenCertificate, randomHash } from './forge.ts'
import type { Liar } from './liar.ts'

const EVERY_MS = 250
const FRAMES = 40

/** Begins to send what nobody asked for, for as long as this life lasts. */
export function startFlood(liar: Liar): void {
  const { machine, timeline, random } = liar
  const { life } = machine
  const tick = (): void => {
    if (machine.life !== life) return
    timeline.after(EVERY_MS, tick)
    const { node } = machine
    const peers = liar.others()
    if (node === null || peers.length === 0) return
    for (let i = 0; i < FRAMES; i++) {
      const frame = liar.ways.has('flood') ? floodFrame(liar, node) : null
      if (frame !== null) liar.port.send(random.pick(peers), 'consensus', frame)
    }
    const certificate = liar.ways.has('badCertificates') ? certificateFrame(liar, node) : null
    if (certificate !== null) liar.port.send(random.pick(peers), 'consensus', certificate)
  }
  timeline.after(EVERY_MS, tick)
}

function floodFrame(liar: Liar, node: ChainNode): Uint8Array {
  const { random, coverage, forger } = liar
  const { height, round, set } = node.consensus
  const own = { validator: liar.authority as Vote['validator'], validRound: -1, blockId: null }
  const type = random.chance(500_000) ? 'prevote' : 'precommit'
  switch (random.below(20)) {
    case 0: {
      // A stranger's name under our signature costs the sender points, so it comes seldom.
      coverage.note(15, 'forged sender')
      const { authority } = random.pick(set.validators)
      const forged = { ...own, type, height, round, validator: authority, signature: random.bytes(64) } as const
      return encodeConsensusMessage({ kind: 'vote', vote: forged })
    }
    case 1:
      coverage.note(15, 'garbage')
      return random.bytes(random.below(300))
    case 2:
    case 3:
    case 4:
      coverage.note(15, 'far height')
      return voteFrame(forger.vote({ ...own, type, height: height + 1 + random.below(20), round: random.below(5) }))
    case 5:
    case 6: {
      coverage.note(21, 'second words by the dozen')
      return voteFrame(forger.vote({ ...own, type, height, round, blockId: randomHash(random) }))
    }
    default:
      coverage.note(15, 'far round')
      return voteFrame(
        forger.vote({ ...own, type, height, round: round + 1 + random.below(random.chance(100_000) ? 4_000_000 : 50) }),
      )
  }
}

function voteFrame(vote: Vote): Uint8Array {
  return encodeConsensusMessage({ kind: 'vote', vote })
}

function certificateFrame(liar: Liar, node: ChainNode): Uint8Array | null {
  const { random, coverage } = liar
  const { consensus } = node
  const polka = random.chance(500_000)
  const real = polka ? (consensus.polkas[0] ?? null) : (consensus.pendingCommit ?? tooFew(liar, node))
  if (real === null) return null
  coverage.note(20, polka ? 'polka' : 'commit')
  const certificate = brokenCertificate(real, random)
  return encodeConsensusMessage(polka ? { kind: 'polka', certificate } : { kind: 'commit', certificate })
}

// A certificate of our own signature alone.
function tooFew(liar: Liar, node: ChainNode): Certificate | null {
  const { height, round, set } = node.consensus
  const blockId = liar.blocks[0] ?? randomHash(liar.random)
  const validator = liar.authority as Vote['validator']
  if (!set.indexByAuthority.has(validator)) return null
  const vote = liar.forger.vote({ type: 'precommit', height, round, blockId, validRound: -1, validator })
  return buildCertificate(set, [vote])
}

/** A summary that claims more than there is. */
export function lieInSummary(liar: Liar, frame: Uint8Array): Uint8Array {
  if (!liar.random.chance(500_000)) return frame
  liar.coverage.note(16, 'lying summary')
  const summary = decodeSummary(frame)
  return encodeSummary({ ...summary, height: summary.height + 1 + liar.random.below(1_000) })
}

function forgeCertificates({ random, coverage }: Liar, answer: Uint8Array): Uint8Array {
  const entries = decode(BlocksAnswerSchema, answer, LIMITS.syncResponseBytesMax)
  coverage.note(20, 'block with a forged certificate')
  return encode(
    BlocksAnswerSchema,
    entries.map(({ block, certificate }) => ({ block, certificate: brokenCertificate(certificate, random) })),
  )
}

/** The answer that a liar gives in place of the honest one. */
export function lieInAnswer(liar: Liar, protocol: RequestProtocol, answer: Uint8Array | null): Uint8Array | null {
  const { random, ways, coverage } = liar
  if (answer === null) return null
  if (protocol === 'status' && ways.has('lyingHeight')) {
    coverage.note(16, 'lying status')
    try {
      const status = decode(StatusSchema, answer, 1_024)
      return encode(StatusSchema, { ...status, height: status.height + 1 + random.below(1_000) })
    } catch (error) {
      if (error instanceof CodecError) return answer
      throw error
    }
  }
  if (!ways.has('badAnswers') || !random.chance(600_000)) return answer
  coverage.note(16, `bad answer to ${protocol}`)
  if (random.chance(300_000)) return null
  if (protocol === 'blocks' && random.chance(500_000)) return forgeCertificates(liar, answer)
  const bytes = answer.slice()
  if (bytes.length > 0) bytes[random.below(bytes.length)] = must(random.bytes(1)[0], 'a byte')
  return random.chance(300_000) ? bytes.slice(0, random.below(bytes.length + 1)) : bytes
}
