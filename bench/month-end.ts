// Owns: what the payday of very many contracts costs a chain: blocks, seconds of execution, bytes of state. One process, state in
// memory. Not here: disk, tree, network (execute-block.ts, end-to-end.ts).
import { u32ToBytes } from '../core/base/bytes.ts'
import { addDays, kstDate, kstMidnight } from '../core/base/civil-time.ts'
import { LIMITS } from '../core/base/limits.ts'
import { asAddress, asHash32 } from '../core/base/ids.ts'
import type { Address, Hash32 } from '../core/base/ids.ts'
import type { ChainEvent } from '../core/chain/receipt.ts'
import { encode } from '../core/codec/schema.ts'
import { hashFields } from '../core/crypto/hash.ts'
import { createApplyContext } from '../core/execution/apply.ts'
import { initGenesis, parseGenesis } from '../core/execution/init-genesis.ts'
import type { BlockEnv } from '../core/execution/module.ts'
import { createOverlay } from '../core/state/overlay.ts'
import { createAccept } from '../modules/labor/accept.ts'
import { NO_INSURANCE } from '../modules/labor/insurance-port.ts'
import { offer } from '../modules/labor/offer.ts'
import type { Shift } from '../modules/labor/shift-schema.ts'
import { DaySchema } from '../modules/labor/shift-schema.ts'
import { agendaCursor, agendaDays, days } from '../modules/labor/store.ts'
import type { Terms } from '../modules/labor/terms-schema.ts'
import { weekdayOf } from '../modules/labor/wage/calendar.ts'
import { REGISTRY } from '../modules/registry.ts'
import { buildAccount, buildAccounts } from '../cli/devnet/accounts.ts'
import { buildGenesis } from '../cli/devnet/genesis.ts'
import type { Say } from './measure.ts'
import type { BenchRow } from './report.ts'

const SEED = new Uint8Array(32).fill(11)
const START = 20261026
const PAYDAY = 20261210
const BLOCK_MS = 200
const TIMES = { startMin: 540, endMin: 810, breaks: [{ startMin: 660, endMin: 690 }] }
const NOON_MS = 12 * 3_600_000

type City = {
  readonly state: Map<string, Uint8Array>
  /** Runs one block's due work at a time; gives what it told and wrote. */
  readonly block: (time: number, act?: (context: ReturnType<typeof createApplyContext>, block: BlockEnv) => void) => BlockCost
}
type BlockCost = { readonly ms: number; readonly events: readonly ChainEvent[]; readonly addedBytes: number }

function openCity(): City {
  const accounts = buildAccounts(SEED)
  const account = buildAccount('v1', new Uint8Array(32).fill(12))
  const validators = [{ name: 'v1', account, peerId: 'peer-v1', p2pAddress: '/ip4/127.0.0.1/tcp/1' }]
  const document = buildGenesis({ timeMs: kstMidnight(START) - 86_400_000, blockIntervalMs: BLOCK_MS, accounts, validators })
  const genesis = parseGenesis(REGISTRY, document)
  const state = new Map(initGenesis(REGISTRY, genesis).map(({ key, value }) => [key, value as Uint8Array]))
  let height = 1
  return {
    state,
    block(time, act) {
      height += 1
      const view = createOverlay({ get: (key) => state.get(key) ?? null })
      const env = { chainId: genesis.chainId, genesisHash: genesis.hash, height, time, params: REGISTRY.readChainParams(view) }
      const events: ChainEvent[] = []
      const begun = performance.now()
      const context = createApplyContext(view, events, act === undefined ? LIMITS.dueEventsMax : Number.MAX_SAFE_INTEGER)
      for (const room of REGISTRY.modules) room.beginBlock?.(context, env, null)
      act?.(context, env)
      const changes = view.diff()
      const ms = performance.now() - begun
      let addedBytes = 0
      for (const { key, value } of changes) {
        addedBytes += (value === null ? 0 : key.length + value.length) - sizeOf(state, key)
        if (value === null) state.delete(key)
        else state.set(key, value)
      }
      return { ms, events, addedBytes }
    },
  }
}

function sizeOf(state: ReadonlyMap<string, Uint8Array>, key: string): number {
  const known = state.get(key)
  return known === undefined ? 0 : key.length + known.length
}

const commitment = asHash32('ab'.repeat(32))

function termsOf(): Terms {
  const week = Array.from({ length: 7 }, (_, dow) => (dow < 5 ? TIMES : null))
  return {
    ...{
      headcount: 'LT5',
      startOn: START,
      endOn: null,
      placeCommit: commitment,
      dutiesCode: 'BARISTA',
      dutiesCommit: commitment,
    },
    ...{ schedule: week, weeklyHolidayDow: 6, weekStartDow: 0, annualLeave: 'STATUTORY', wageKind: 'HOURLY' },
    ...{ ordinaryHourly: 10_320n, fixedPay: 0n, components: [], calcRule: 'STANDARD', premiumPpm: 500_000 },
    ...{ payDay: 10, payMonthOffset: 1, payMethod: 'DEPOSIT_TOKEN', probationMonths: 0, termGe1Y: true, simpleLabor: false },
    ...{ monthlyScheduledMin: 5_220, insuranceFlags: 15, ageBand: 'FROM_18', pensionOptIn: false, forbiddenClauses: [] },
    docCommit: commitment,
  }
}

const accept = createAccept(NO_INSURANCE)

function addressOf(kind: string, index: number): Address {
  return asAddress(hashFields(`naru/bench/${kind}`, u32ToBytes(index)).slice(0, 40))
}

// Signed contracts, by the room's own transitions; checks and envelopes are measured elsewhere.
function hire(city: City, { from, count }: { from: number; count: number }): readonly Hash32[] {
  const ids: Hash32[] = []
  city.block(kstMidnight(START) - NOON_MS, (context, block) => {
    for (let index = from; index < from + count; index++) {
      const txId = asHash32(hashFields('naru/bench/offer', u32ToBytes(index)))
      const employer = addressOf('employer', Math.floor(index / 4))
      const worker = addressOf('worker', index)
      const envelope = { keyId: 'k1', sponsor: null, txId, block }
      const payload = { worker, brn: '2208162517', workplaceId: 'MAIN', minor: null, docHash: commitment, terms: termsOf() }
      offer.apply(context, { ...envelope, sender: employer, payload })
      accept.apply(context, { ...envelope, sender: worker, payload: { contractId: txId, docHash: commitment, isAdult: true } })
      ids.push(txId)
    }
  })
  return ids
}

// Four hours of every weekday, confirmed; the same bytes for each contract.
function recordMonth(city: City, ids: readonly Hash32[]): number {
  const shift: Shift = {
    ...{ kind: 'WORK', times: TIMES, state: 'CONFIRMED', recordedBy: 'WORKER', placeCommit: null, proposedAt: 1, decidedAt: 1 },
    ...{ byInspector: false, counter: null, correction: null, supersededBy: null },
  }
  const bytes = encode(DaySchema, { shifts: [shift] })
  let added = 0
  for (let date = START; date <= 20261130; date = addDays(date, 1)) {
    if (weekdayOf(date) > 4) continue
    for (const contractId of ids) {
      const key = days.keyOf({ contractId, date })
      city.state.set(key, bytes)
      added += key.length + bytes.length
    }
  }
  return added
}

/** Hires, records and pays a month; `contracts` is 1,000 unless given. */
export function runMonthEnd(options: { readonly contracts?: readonly number[]; readonly say?: Say } = {}): readonly BenchRow[] {
  const { contracts = [1_000], say = () => undefined } = options
  return contracts.flatMap((count) => measure(count, say))
}

function measure(count: number, say: Say): readonly BenchRow[] {
  const city = openCity()
  const before = total(city)
  const ids: Hash32[] = []
  for (let from = 0; from < count; from += 5_000) ids.push(...hire(city, { from, count: Math.min(5_000, count - from) }))
  const signed = (total(city) - before) / count
  const recorded = recordMonth(city, ids) / count
  say(`${count} contracts hired`)
  // Every day up to the payday, so that October's payday is behind.
  for (let day = START; day < PAYDAY; day = addDays(day, 1)) settleDay(city, day)
  say(`payday ${PAYDAY}`)
  const payday = settleDay(city, PAYDAY)
  const slips = payday.costs.reduce((sum, { events }) => sum + events.filter(({ type }) => type === 0x0590).length, 0)
  if (slips !== count) throw new Error(`${slips} payslips of ${count}`)
  const ms = payday.costs.map((cost) => cost.ms)
  const row = (name: string, unit: string, value: number, note?: string): BenchRow => ({
    ...{ name: `month-end ${count}: ${name}`, unit, value },
    ...(note === undefined ? {} : { note }),
  })
  return [
    row('blocks with payslips', 'blocks', payday.costs.length, 'at most 128 items each'),
    row('execution in all', 's', ms.reduce((sum, one) => sum + one, 0) / 1_000),
    row('execution per payslip', 'us', (ms.reduce((sum, one) => sum + one, 0) / count) * 1_000),
    row('slowest block', 'ms', Math.max(...ms)),
    row('state of a signed contract', 'bytes', Math.round(signed), 'keys included'),
    row('state of a month’s hours', 'bytes', Math.round(recorded), '26 days from 26 October'),
    row('state of a payslip', 'bytes', Math.round(payday.addedBytes / count), 'payslip, sums, agenda'),
  ]
}

function settleDay(city: City, day: number): { costs: readonly BlockCost[]; addedBytes: number } {
  const costs: BlockCost[] = []
  let addedBytes = 0
  for (let time = kstMidnight(day) + 60_000; ; time += BLOCK_MS) {
    const cost = city.block(time)
    addedBytes += cost.addedBytes
    if (cost.events.length > 0) costs.push(cost)
    if (isWorkedOff(city, day)) return { costs, addedBytes }
    if (kstDate(time) !== day) throw new Error('a day was not enough')
  }
}

// Nothing of the day, nor of days before it, is left on the agenda.
function isWorkedOff({ state }: City, day: number): boolean {
  const view = { get: (key: string) => state.get(key) ?? null }
  return agendaCursor.get(view, null)?.day === day && agendaDays.get(view, day) === null
}

function total({ state }: City): number {
  let bytes = 0
  for (const [key, value] of state) bytes += key.length + value.length
  return bytes
}
