// Owns: replaying testdata/*.txt: `> input`, `? question`, and indented what the machine answers. Not here: chaos (network.test.ts).
// A changed answer fails; REWRITE=1 writes the answers anew, to be read line by line before they are kept.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { asAddress, asHash32 } from '../core/base/ids.ts'
import type { Address, BlockId } from '../core/base/ids.ts'
import { buildCertificate, certificateSigners } from '../core/chain/certificate.ts'
import type { Certificate } from '../core/chain/certificate.ts'
import { CITY_PARAMS } from '../core/chain/params.ts'
import { buildValidatorSet } from '../core/chain/validator-set.ts'
import type { ValidatorSet } from '../core/chain/validator-set.ts'
import type { Proposal, Vote, VoteType } from '../core/chain/vote.ts'
import { messagesMissingFrom, rebroadcastOf } from './catch-up.ts'
import type { Bundle } from './catch-up.ts'
import type { Effect } from './effect.ts'
import type { Input, MessageInput, TimerStep } from './input.ts'
import { step } from './machine.ts'
import { committedButInvalid, lateCommit, whoIsMissing } from './progress.ts'
import { createConsensusState } from './state.ts'
import type { ConsensusState, Step } from './state.ts'
import { hasBit, summaryOf } from './summary.ts'

const FOLDER = new URL('./testdata/', import.meta.url)

function buildTestSet(n: number): ValidatorSet {
  return buildValidatorSet(
    Array.from({ length: n }, (_, i) => ({
      authority: addressOf(`v${i}`),
      publicKey: new Uint8Array(32).fill(i + 1),
      name: `v${i}`,
      peerId: `peer${i}`,
      addresses: [],
    })),
  )
}

function addressOf(name: string): Address {
  return asAddress(Number(name.slice(1)).toString(16).padStart(2, '0').repeat(20))
}

function nameOf(address: Address): string {
  return `v${Number.parseInt(address.slice(0, 2), 16)}`
}

/** Block `A` is 0a0a..., `nil` is null. */
function blockOf(name: string): BlockId | null {
  return name === 'nil' || name === 'none' ? null : asHash32(`0${name.toLowerCase()}`.repeat(32))
}

function block(name: string): BlockId {
  const id = blockOf(name)
  if (id === null) throw new Error(`a block is needed, got ${name}`)
  return id
}

function blockName(id: BlockId | null): string {
  return id === null ? 'nil' : id.slice(1, 2).toUpperCase()
}

type Words = { readonly plain: readonly string[]; readonly named: ReadonlyMap<string, string> }

function wordsOf(text: string): Words {
  const all = text.split(/\s+/).filter((word) => word !== '')
  const named = new Map(all.filter((word) => word.includes('=')).map((word) => word.split('=') as [string, string]))
  return { plain: all.filter((word) => !word.includes('=')), named }
}

class Play {
  readonly state: ConsensusState = createConsensusState()
  set: ValidatorSet = buildTestSet(4)

  run(line: string): readonly string[] {
    const { plain, named } = wordsOf(line.slice(1))
    return line.startsWith('>')
      ? step(this.state, this.parse(plain, named)).map((effect) => this.format(effect))
      : this.ask(plain, named)
  }

  height(named: Words['named']): number {
    return Number(named.get('h') ?? this.state.height)
  }

  parse(plain: readonly string[], named: Words['named']): Input {
    const [kind = '', ...rest] = plain
    const height = this.height(named)
    const round = Number((rest.find((word) => /^r\d+$/.test(word)) ?? 'r0').slice(1))
    switch (kind) {
      case 'start':
        return this.parseStart(named)
      case 'wake':
        return { kind, height }
      case 'built':
        return { kind: 'blockBuilt', height, round, blockId: blockOf(rest[1] ?? '') }
      case 'valid':
      case 'invalid':
        return { kind: 'blockValidated', height, blockId: block(rest[0] ?? ''), valid: kind === 'valid' }
      case 'timeout':
        return { kind, height, round, step: rest[0] as TimerStep }
      case 'early':
        return { kind, message: this.parse(rest, named) as MessageInput }
      default:
        return this.parseMessage(kind, rest, { height, round, named })
    }
  }

  parseMessage(
    kind: string,
    rest: readonly string[],
    at: { height: number; round: number; named: Words['named'] },
  ): MessageInput {
    const { height, round, named } = at
    const validRound = Number(named.get('vr') ?? -1)
    const signers = rest.includes('by') ? (rest[rest.indexOf('by') + 1] ?? '').split(',') : []
    if (kind === 'proposal') {
      const proposal = this.proposal({ by: rest[0] ?? '', height, round, id: rest[2] ?? '', validRound })
      return { kind, proposal, timely: !rest.includes('untimely') }
    }
    if (kind === 'prevote' || kind === 'precommit') {
      return { kind: 'vote', vote: this.vote({ type: kind, by: rest[0] ?? '', height, round, id: rest[2] ?? '', validRound }) }
    }
    if (kind !== 'polka' && kind !== 'commit') throw new Error(`unknown input ${kind}`)
    const type = kind === 'polka' ? 'prevote' : 'precommit'
    const votes = signers.map((by) => this.vote({ type, by, height, round, id: rest[1] ?? '', validRound }))
    return { kind, certificate: buildCertificate(this.set, votes) }
  }

  parseStart(named: Words['named']): Input {
    const height = Number(named.get('h'))
    const self = named.get('self') ?? 'none'
    this.set = buildTestSet(Number(named.get('n') ?? 4))
    const [lockedRound = '-1', lockedId = 'nil'] = (named.get('locked') ?? '-1:nil').split(':')
    const stored = (name: string): string[] | null => named.get(name)?.split(':') ?? null
    const voteOf = (type: VoteType): Vote | null => {
      const parts = stored(type)
      if (parts === null) return null
      const [round = '', id = '', validRound = '-1'] = parts
      return this.vote({ type, by: self, height, round: Number(round), id, validRound: Number(validRound) })
    }
    const [round = '', id = '', validRound = '-1'] = stored('proposal') ?? []
    const proposal =
      stored('proposal') === null
        ? null
        : this.proposal({ by: self, height, round: Number(round), id, validRound: Number(validRound) })
    const signedBefore = {
      lockedRound: Number(lockedRound),
      lockedId: blockOf(lockedId),
      proposal,
      prevote: voteOf('prevote'),
      precommit: voteOf('precommit'),
    }
    const isFresh = !['locked', 'proposal', 'prevote', 'precommit'].some((name) => named.has(name))
    return {
      kind: 'startHeight',
      height,
      set: this.set,
      params: CITY_PARAMS,
      self: self === 'none' ? null : addressOf(self),
      signedBefore: isFresh ? null : signedBefore,
    }
  }

  vote(of: { type: VoteType; by: string; height: number; round: number; id: string; validRound: number }): Vote {
    const { type, by, height, round, id, validRound } = of
    return { type, height, round, blockId: blockOf(id), validRound, validator: addressOf(by), signature: new Uint8Array(64) }
  }

  proposal(of: { by: string; height: number; round: number; id: string; validRound: number }): Proposal {
    const { by, height, round, id, validRound } = of
    return { height, round, blockId: block(id), validRound, proposer: addressOf(by), signature: new Uint8Array(64) }
  }

  // --- answers
  ask([question = '']: readonly string[], named: Words['named']): readonly string[] {
    const { state } = this
    const list = (value: string | undefined): string[] => (value === undefined || value === '' ? [] : value.split(','))
    const bits = (names: readonly string[]): Uint8Array => {
      const bitmap = new Uint8Array(Math.ceil(this.set.validators.length / 8))
      for (const name of names) bitmap[0] = (bitmap[0] ?? 0) | (0x80 >> Number(name.slice(1)))
      return bitmap
    }
    switch (question) {
      case 'state': {
        const lock = `locked ${state.lockedRound} ${blockName(state.lockedId)}`
        return [
          `height ${state.height} round ${state.round} ${state.step}, ${lock}, valid ${state.validRound} ${blockName(state.validId)}`,
        ]
      }
      case 'late': {
        const certificate = lateCommit(state)
        return [certificate === null ? 'no commit' : this.formatCertificate(certificate)]
      }
      case 'missing': {
        const { step: at, missing } = whoIsMissing(state)
        return [`${at}: ${missing.map(nameOf).join(',')}`]
      }
      case 'halted':
        return [`committed but invalid: ${blockName(committedButInvalid(state))}`]
      case 'summary': {
        const { height, round, step: at, validRound, prevotes, precommits, hasProposal } = summaryOf(state)
        const names = (bitmap: Uint8Array): string =>
          this.set.validators.flatMap((_, i) => (hasBit(bitmap, i) ? [`v${i}`] : [])).join(',')
        return [
          `height ${height} round ${round} ${at} valid ${validRound} prevotes ${names(prevotes)} precommits ${names(precommits)} proposal ${hasProposal}`,
        ]
      }
      case 'rebroadcast':
        return this.formatBundle(rebroadcastOf(state))
      case 'answer':
        return this.formatBundle(
          messagesMissingFrom(state, {
            height: this.height(named),
            round: Number(named.get('r')),
            step: (named.get('step') ?? 'prevote') as Step,
            validRound: Number(named.get('vr') ?? -1),
            prevotes: bits(list(named.get('prevotes'))),
            precommits: bits(list(named.get('precommits'))),
            hasProposal: named.get('proposal') === 'yes',
          }),
        )
      default:
        throw new Error(`unknown question ${question}`)
    }
  }

  formatBundle({ proposals, votes, polka, commit }: Bundle): readonly string[] {
    const lines = [
      ...proposals.map(
        ({ proposal, polka: rests }) =>
          `${formatMessage(proposal)}${rests === null ? '' : ` + ${this.formatCertificate(rests)}`}`,
      ),
      ...votes.map(formatMessage),
      ...(polka === null ? [] : [this.formatCertificate(polka)]),
      ...(commit === null ? [] : [this.formatCertificate(commit)]),
    ]
    return lines.length === 0 ? ['nothing'] : lines
  }

  formatCertificate(certificate: Certificate): string {
    const { type, height, round, blockId, validRound } = certificate
    const signers = certificateSigners(this.set, certificate)?.map(({ name }) => name) ?? []
    const kind = type === 'prevote' ? 'polka' : 'commit'
    return `${kind} h${height} r${round} ${blockName(blockId)}${type === 'prevote' ? ` vr=${validRound}` : ''} by ${signers.join(',')}`
  }

  format(effect: Effect): string {
    switch (effect.kind) {
      case 'buildBlock':
        return `build r${effect.round} shrink=${effect.shrink}`
      case 'validateBlock':
        return `validate ${blockName(effect.blockId)} r${effect.round}`
      case 'signProposal': {
        const rests = effect.polka === null ? '' : ` + ${this.formatCertificate(effect.polka)}`
        return `sign ${formatMessage({ ...effect.proposal, signature: new Uint8Array(64) })}${rests}`
      }
      case 'signVote':
        return `sign ${formatMessage({ ...effect.vote, signature: new Uint8Array(64) })}`
      case 'startTimer':
        return `timer ${effect.step} r${effect.round} ${effect.delayMs} ms`
      case 'cancelTimers':
        return `cancel timers h${effect.height} below r${effect.belowRound}`
      case 'roundEntered':
        return `entered r${effect.round}`
      case 'fetchBlock':
        return `fetch ${blockName(effect.blockId)}`
      case 'decide':
        return `DECIDE h${effect.height} ${blockName(effect.blockId)} with ${this.formatCertificate(effect.certificate)}`
      case 'misbehaviour': {
        const { kind, first, second } = effect.misbehaviour
        return `MISBEHAVIOUR ${kind}: ${formatMessage(first)} / ${formatMessage(second)}`
      }
      case 'replay':
        return `replay h${effect.height}: ${effect.inputs.map((input) => this.formatInput(input)).join('; ')}`
    }
  }

  formatInput(input: MessageInput): string {
    if (input.kind === 'proposal') return formatMessage(input.proposal)
    return input.kind === 'vote' ? formatMessage(input.vote) : this.formatCertificate(input.certificate)
  }
}

function formatMessage(message: Proposal | Vote): string {
  const { round, blockId, validRound } = message
  const [kind, by] = 'proposer' in message ? ['proposal', message.proposer] : [message.type, message.validator]
  return `${kind} ${nameOf(by)} r${round} ${blockName(blockId)}${kind === 'precommit' ? '' : ` vr=${validRound}`}`
}

/** The transcript with the answers that the machine gives now; `start` with a height not above the last begins a new play. */
function replayTranscript(text: string): string {
  const out: string[] = []
  let play = new Play()
  for (const line of text.split('\n')) {
    if (line.startsWith('  ')) continue
    out.push(line)
    if (line.startsWith('= ')) play = new Play()
    if (line.startsWith('> ') || line.startsWith('? ')) {
      for (const answer of play.run(line)) out.push(`  ${answer}`)
    }
  }
  return out.join('\n')
}

describe('the machine answers as its transcripts say', () => {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.txt'))
  test.each(files)('%s', (name) => {
    const url = new URL(name, FOLDER)
    const text = readFileSync(url, 'utf8')
    const replayed = replayTranscript(text)
    if (process.env.REWRITE === '1') writeFileSync(url, replayed)
    else expect(replayed).toBe(text)
  })

  test('there is a transcript for every rule that the machine owns', () => {
    const all = files.map((name) => readFileSync(new URL(name, FOLDER), 'utf8')).join('\n')
    for (const rule of [
      'R1',
      'R2',
      'R3',
      'R4',
      'R5',
      'R5b',
      'R6',
      'R7',
      'R8',
      'R9',
      'R10',
      'R11',
      'R12',
      'R13',
      'R14',
      'R16',
      'R17',
      'R18',
      'R19',
    ]) {
      expect(all).toMatch(new RegExp(`^= ${rule}[ ,:]`, 'm'))
    }
  })
})
