// Owns: vote.create: a manifest becomes a poll. Not here: the roll (roll.ts), the key (trustee files).
import { failure } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import { ZERO_HASH } from '../../core/base/ids.ts'
import { encode } from '../../core/codec/schema.ts'
import { sha256 } from '../../core/crypto/hash.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import type { BlockEnv } from '../../core/execution/module.ts'
import type { ReadView } from '../../core/state/view.ts'
import { hasRole, paramAt } from '../governance/keeper.ts'
import { emptyTally } from './count.ts'
import { VoteError } from './errors.ts'
import { PollCreated } from './events.ts'
import { requireOffice } from './poll.ts'
import { CreatePayload, ManifestSchema } from './schema.ts'
import type { Manifest } from './schema.ts'
import { pollCount, pollOrder, polls, tallies } from './store.ts'

const PPM = 1_000_000

/** The office declares a poll; nothing of its manifest changes afterwards. */
export const create = defineTransaction({
  type: 0x0701,
  name: 'vote.create',
  about: 'Declares a poll by its manifest, which never changes.',
  payload: CreatePayload,
  keyPurpose: KEY_PURPOSES.authentication,

  checkStateless: ({ payload: { manifest } }) => {
    const { mode, kind, sensitive, rewardProgramme } = manifest
    if (mode === 'OPEN' && (sensitive || kind === 'STATUTORY_LIKE')) return failure(VoteError.MODE_FORBIDDEN, { mode, kind })
    if (kind === 'STATUTORY_LIKE' && rewardProgramme !== null) return failure(VoteError.REWARD_FORBIDDEN)
    return null
  },

  checkStateful: (view, { payload: { manifest }, sender, block }) =>
    requireOffice(view, manifest, sender, block) ??
    (polls.has(view, manifest.pollId) ? failure(VoteError.POLL_EXISTS, { pollId: manifest.pollId }) : null) ??
    checkManifest(view, manifest, block),

  apply: ({ view, emit }, { payload: { manifest }, sender, block }) => {
    const { pollId, mode, kind } = manifest
    const eh = sha256(encode(ManifestSchema, manifest))
    polls.set(view, pollId, {
      ...{ manifest, eh, office: sender, state: 'DRAFT' as const, rollCount: 0, rollRoot: ZERO_HASH, removed: [] },
      ...{ approval: null, result: null, reasonCode: null, changedAt: block.time },
    })
    tallies.set(view, pollId, emptyTally(manifest))
    const { count } = pollCount.get(view, null) ?? { count: 0 }
    pollOrder.set(view, count, { pollId })
    pollCount.set(view, null, { count: count + 1 })
    emit(PollCreated, { pollId, eh, mode, kind, office: sender })
  },
})

function refuse(what: string): Failure {
  return failure(VoteError.MANIFEST_INVALID, { what })
}

function checkManifest(view: ReadView, manifest: Manifest, block: BlockEnv): Failure | null {
  const { chainId, options, minSel, maxSel, quorumPpm, rollCloseAt, keyCloseAt, openAt, closeAt } = manifest
  if (chainId !== block.chainId) return refuse(`chainId is ${chainId}, this chain is ${block.chainId}`)
  if (options.length < 2 || options.some((option) => option === '')) return refuse('options: 2 to 16 texts, none empty')
  const optionsMax = Number(paramAt(view, 'vote.maxOptions', block))
  if (options.length > optionsMax) return refuse(`options: ${options.length}, vote.maxOptions is ${optionsMax}`)
  if (new Set(options).size < options.length) return refuse('options: one stands twice')
  if (minSel < 1 || minSel > maxSel || maxSel > options.length) return refuse('1 <= minSel <= maxSel <= options')
  if (quorumPpm > PPM) return refuse('quorumPpm is at most 1,000,000')
  if (!(block.time < rollCloseAt && rollCloseAt <= keyCloseAt && keyCloseAt <= openAt && openAt < closeAt))
    return refuse('now < rollCloseAt <= keyCloseAt <= openAt < closeAt')
  return checkTrustees(view, manifest, block)
}

function checkTrustees(view: ReadView, { mode, trustees, threshold }: Manifest, block: BlockEnv): Failure | null {
  if (mode === 'OPEN') return trustees.length === 0 && threshold === 0 ? null : refuse('an OPEN poll has no trustees')
  if (threshold < 1 || threshold > trustees.length) return refuse('1 <= threshold <= trustees')
  if (new Set(trustees).size < trustees.length) return refuse('trustees: one stands twice')
  const stranger = trustees.findIndex((account) => !hasRole(view, { account, role: 'TRUSTEE', scope: null, block }))
  return stranger === -1 ? null : refuse(`trustees[${stranger}] does not hold the role TRUSTEE`)
}
