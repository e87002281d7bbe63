// Owns: the manifest of a poll out of flags. Not here: whether the chain takes it (modules/vote/create.ts), sending it.
import { fromJson, encode } from '../../core/codec/schema.ts'
import { textContextOf } from '../../core/execution/init-genesis.ts'
import { sha256 } from '../../core/crypto/hash.ts'
import type { NetworkName } from '../../core/crypto/address.ts'
import { ManifestSchema } from '../../modules/vote/schema.ts'
import type { Manifest } from '../../modules/vote/schema.ts'
import type { CommandCall, OptionSpec } from '../command.ts'
import { refuseUsage } from '../errors.ts'
import { dirOf, resolveAccount } from '../target.ts'
import { momentOf, numberOf } from './poll-call.ts'

const OPTIONS_MAX = 16

/** Flags that describe a poll. */
export const MANIFEST_OPTIONS: readonly OptionSpec[] = [
  ['--question <text>', 'The question as voters read it; the chain keeps its SHA-256, so publish the text'],
  ['--option <text...>', 'Two to sixteen answers, a blank vote among them where there is one'],
  [
    '--mode <mode>',
    'SECRET: sealed ballots; SECRET_ANON: and nobody sees who voted, up to 64 voters; OPEN: public answers',
    'SECRET',
  ],
  ['--kind <kind>', 'SURVEY, POLICY_POLL or STATUTORY_LIKE; none binds anybody by law', 'POLICY_POLL'],
  ['--sensitive', 'About political opinion, health, belief and the like: never asked with public answers'],
  ['--min <n>', 'Answers that a ballot chooses at least', '1'],
  ['--max <n>', 'Answers that a ballot chooses at most', '1'],
  ['--revote', 'A later ballot takes the former one’s place'],
  ['--quorum <percent>', 'Share of the roll that must take part, such as 33.3', '0'],
  ['--trustees <accounts>', 'Trustees of a SECRET poll, with commas between them, at most nine'],
  ['--threshold <n>', 'Trustees that are needed to open the count (default: more than half)'],
  ['--roll-until <when>', 'End of the roll: +1h from now on the chain, or 2026-12-01T09:00:00+09:00'],
  ['--key-until <when>', 'SECRET: until then trustees commit and complain; until the poll opens they answer'],
  ['--opens <when>', 'Begin of voting'],
  ['--closes <when>', 'End of voting'],
  ['--policy <id>', 'Verification policy that voters met'],
  ['--roll-source <code>', 'Whose roll it is', 'REGISTRAR'],
  ['--reward <programme>', 'Points programme that thanks for taking part'],
]

/** SHA-256 of a question, as the manifest has it. */
export function questionHash(question: string): string {
  return sha256(new TextEncoder().encode(question))
}

/** The hash that every proof is bound to. */
export function manifestHash(manifest: Manifest): string {
  return sha256(encode(ManifestSchema, manifest))
}

type Place = { readonly pollId: string; readonly chainId: string; readonly network: NetworkName; readonly time: number }

/** The manifest that the flags describe; times may count from `time`, the chain's. Throws a usage error naming the flag. */
export function manifestOf(call: CommandCall, place: Place): Manifest {
  const { options } = call
  const text = (name: string): string | undefined => options[name] as string | undefined
  const question = text('question') ?? refuseUsage('say the --question')
  const answers = (options['option'] as string[] | undefined) ?? []
  if (answers.length < 2 || answers.length > OPTIONS_MAX) refuseUsage('give two to sixteen answers with --option')
  const mode = text('mode') ?? 'SECRET'
  const trustees = (text('trustees') ?? '').split(',').filter((name) => name !== '')
  if (mode !== 'OPEN' && trustees.length === 0) refuseUsage(`a ${mode} poll needs --trustees`)
  const half = trustees.length === 0 ? 0 : Math.floor(trustees.length / 2) + 1
  const threshold = text('threshold')
  const rollCloseAt = momentOf('--roll-until', text('rollUntil'), place.time)
  const json = {
    ...{ chainId: place.chainId, pollId: place.pollId, mode, kind: text('kind'), sensitive: options['sensitive'] === true },
    ...{ questionHash: `0x${questionHash(question)}`, options: answers },
    ...{ minSel: numberOf('--min', text('min'), OPTIONS_MAX), maxSel: numberOf('--max', text('max'), OPTIONS_MAX) },
    ...{ policyId: text('policy') ?? null, rollSource: text('rollSource'), rollCloseAt },
    keyCloseAt: mode === 'OPEN' ? rollCloseAt : momentOf('--key-until', text('keyUntil'), place.time),
    openAt: momentOf('--opens', text('opens'), place.time),
    closeAt: momentOf('--closes', text('closes'), place.time),
    trustees: trustees.map((name) => resolveAccount(dirOf(call), name)),
    threshold: threshold === undefined ? half : numberOf('--threshold', threshold, trustees.length),
    ...{ quorumPpm: ppmOf(text('quorum') ?? '0'), allowRevote: options['revote'] === true },
    ...{ geofenceCommit: null, rewardProgramme: text('reward') ?? null },
  }
  return fromJson(ManifestSchema, json, textContextOf(place.network), 'manifest')
}

function ppmOf(percent: string): number {
  if (!/^\d{1,3}(\.\d{1,4})?$/.test(percent) || Number(percent) > 100)
    return refuseUsage(`--quorum is a share in percent from 0 to 100 such as 33.3, not ${JSON.stringify(percent)}`)
  return Math.round(Number(percent) * 10_000)
}
