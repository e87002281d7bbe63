// Owns: `naru points`: balance, lots, grants and transfers in short words. Not here: any transaction by name (tx.ts).
import { randomBytes } from 'node:crypto'
import { kstDate } from '../../core/base/civil-time.ts'
import { toHex } from '../../core/base/bytes.ts'
import { eventIdOf } from '../../modules/points/tags.ts'
import type { CommandCall, CommandSpec, OptionSpec } from '../command.ts'
import { refuseUsage } from '../errors.ts'
import { send, WAIT } from '../pay-call.ts'
import type { Read } from '../pay-call.ts'
import { callRpc } from '../rpc-client.ts'
import { dirOf, resolveAccount, rpcOf, SIGN_OPTIONS, TARGET_OPTIONS } from '../target.ts'

const PROGRAMME: OptionSpec = ['--programme <id>', 'Programme, such as ETAX']
const TO: OptionSpec = ['--to <account>', 'Receiver: a devnet name, an address or a DID']
const POINTS: OptionSpec = ['--points <points>', 'Points, a whole number']

function wordOf(call: CommandCall, name: string): string {
  return (call.options[name] as string | undefined) ?? refuseUsage(`--${name} is missing`)
}

function pointsOf(call: CommandCall): string {
  const text = wordOf(call, 'points')
  return /^[1-9][0-9]{0,12}$/.test(text) ? text : refuseUsage(`--points is a whole number above 0, not ${JSON.stringify(text)}`)
}

async function runBalance(call: CommandCall): Promise<void> {
  const account = resolveAccount(dirOf(call), call.args[0] ?? '')
  type Balance = { readonly balance: string; readonly expiringThisMonth: string }
  const { context, value } = await callRpc<Read<Balance>>(rpcOf(call), 'points_balance', { account })
  const soon = value.expiringThisMonth === '0' ? '' : `, ${value.expiringThisMonth} of them expire this month`
  call.out.result({ account, height: context.height, ...value }, `${value.balance} points${soon} (block ${context.height})`)
}

type LotRow = { readonly lotId: number; readonly programmeId: string; readonly left: string; readonly expiresOn: number }

async function runLots(call: CommandCall): Promise<void> {
  const account = resolveAccount(dirOf(call), call.args[0] ?? '')
  const { value } = await callRpc<Read<{ lots: LotRow[]; more: boolean }>>(rpcOf(call), 'points_lots', { account })
  const lines = value.lots.map((lot) => `${lot.lotId}  ${lot.programmeId}  ${lot.left} points until ${lot.expiresOn}`)
  call.out.result({ account, ...value }, lines.length === 0 ? 'no points' : lines.join('\n'))
}

type Programme = { readonly table: readonly { readonly kind: string; readonly points: string }[] }

async function runGrant(call: CommandCall): Promise<void> {
  const programmeId = wordOf(call, 'programme')
  const to = resolveAccount(dirOf(call), wordOf(call, 'to'))
  const personTag = wordOf(call, 'person')
  const tier = Number(wordOf(call, 'row'))
  const { context, value } = await callRpc<Read<Programme>>(rpcOf(call), 'points_programme', { programmeId })
  const row = value.table[tier]
  if (row === undefined) return refuseUsage(`--row is 0 to ${value.table.length - 1}, not ${call.options['row']}`)
  const eventDate = Number((call.options['date'] as string | undefined) ?? kstDate(context.time))
  const eventId = `0x${eventIdOf(programmeId, wordOf(call, 'event'))}`
  const evidenceCommit = (call.options['evidence'] as string | undefined) ?? `0x${toHex(randomBytes(32))}`
  const rule = { eventKind: row.kind, eventDate, tier, points: row.points }
  const payload = { programmeId, to, personTag, eventId, ...rule, evidenceCommit }
  await send(call, 'points.grant', payload, `granted ${row.points} points of ${programmeId}`)
}

async function runTransfer(call: CommandCall): Promise<void> {
  const points = pointsOf(call)
  const to = resolveAccount(dirOf(call), wordOf(call, 'to'))
  const payload = { to, programmeId: wordOf(call, 'programme'), points }
  await send(call, 'points.transfer', payload, `transferred ${points} points`)
}

/** Commands of `naru points`. */
export const pointsCommands: readonly CommandSpec[] = [
  { path: 'balance <account>', about: 'Points that an account can spend', options: TARGET_OPTIONS, run: runBalance },
  { path: 'lots <account>', about: 'Lots of an account in spending order', options: TARGET_OPTIONS, run: runLots },
  {
    path: 'grant',
    about: 'As a programme’s operator: grant a person points for an event',
    options: [
      ...SIGN_OPTIONS,
      ...[PROGRAMME, TO],
      ['--person <tag>', 'Tag of the person, 0x and 64 hex digits'],
      ['--event <number>', 'Number that the source system gave the event'],
      ['--row <n>', 'Row of the programme’s table that the event earned, from 0'],
      ['--date <yyyymmdd>', 'Korean day of the event; today without it'],
      ['--evidence <commitment>', 'Salted commitment to the evidence; random without it'],
      ...[WAIT, ...TARGET_OPTIONS],
    ],
    run: runGrant,
  },
  {
    path: 'transfer',
    about: 'Give points of a programme to another account',
    options: [...SIGN_OPTIONS, PROGRAMME, TO, POINTS, WAIT, ...TARGET_OPTIONS],
    run: runTransfer,
  },
]
