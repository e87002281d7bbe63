// Owns: what always holds over states, suspensions, recoveries and the agenda. Not here: versions and keys (invariants.ts).
import { decodeTrusted } from '../../core/codec/schema.ts'
import { isEnd } from './did-document.ts'
import type { AgendaItem } from './life-schema.ts'
import { recordsOf } from './scan.ts'
import type { Scan } from './scan.ts'
import type { Did } from './schema.ts'
import {
  agendaCursor,
  agendaDays,
  agendaItems,
  dids,
  lives,
  nextPolicies,
  recoveries,
  statusChanges,
  suspensions,
} from './store.ts'

/** One sentence per breach. */
export function checkLives(scan: Scan): readonly string[] {
  const present = new Map(recordsOf(scan, dids))
  return [...checkStates(scan, present), ...checkHolds(scan, present), ...checkRecoveries(scan, present), ...checkAgenda(scan)]
}

/** What stands on the agenda, as `day kind id`. */
export function agendaOf(scan: Scan): ReadonlySet<string> {
  return new Set([...recordsOf(scan, agendaItems)].map(([key, item]) => agendaText(Number(key.split('/')[0]), item)))
}

/** An item of a day as text. */
export function agendaText(day: number, item: AgendaItem): string {
  return `${day} ${item.kind} ${item.kind === 'suspension' ? item.did : item.receiptCommit}`
}

function checkStates(scan: Scan, present: ReadonlyMap<string, Did>): readonly string[] {
  const lifeOf = new Map(recordsOf(scan, lives))
  const log = new Map(recordsOf(scan, statusChanges))
  const broken: string[] = []
  for (const [did, { status }] of present) {
    const { changes, terminatedOn } = lifeOf.get(did) ?? { changes: 0, terminatedOn: null }
    const states = [...log].filter(([key]) => key.startsWith(`${did}/`)).map(([, change]) => change)
    if (states.length !== changes) broken.push(`${did}: ${states.length} states are logged, ${changes} are counted`)
    if ((states.at(-1)?.status ?? 'ACTIVE') !== status) broken.push(`${did}: is ${status}, the log says otherwise`)
    const isOrdered = states.every((state, i) => i === 0 || (states[i - 1]?.at ?? 0) <= state.at)
    if (!isOrdered) broken.push(`${did}: the log of states is not in the order of time`)
    const ended = states.findIndex((state) => isEnd(state.status))
    if (ended !== -1 && states.slice(ended).some((state) => !isEnd(state.status))) broken.push(`${did}: lives after its end`)
    if ((status === 'TERMINATED') !== (terminatedOn !== null))
      broken.push(`${did}: a last day without termination or the reverse`)
  }
  return broken
}

// Invariant 19 as far as a state can tell it: every hold of an office names the gu and the case that it acted in.
function checkHolds(scan: Scan, present: ReadonlyMap<string, Did>): readonly string[] {
  const holds = new Map(recordsOf(scan, suspensions))
  const agenda = agendaOf(scan)
  const broken: string[] = []
  for (const [did, { status }] of present) {
    if ((status === 'SUSPENDED') !== holds.has(did)) broken.push(`${did}: a suspension without its record or the reverse`)
  }
  for (const [did, { byOwner, authority }] of holds) {
    if (!byOwner && authority === null) broken.push(`${did}: nobody holds it suspended`)
    if (authority === null) continue
    const item = { kind: 'suspension', did: did as typeof authority.by } as const
    if (!agenda.has(agendaText(authority.lastsUntil, item))) broken.push(`${did}: its suspension would never lapse`)
  }
  return broken
}

function checkRecoveries(scan: Scan, present: ReadonlyMap<string, Did>): readonly string[] {
  const broken: string[] = []
  for (const [did, pending] of recordsOf(scan, recoveries)) {
    const { approvals, guardians } = pending
    if (isEnd(present.get(did)?.status ?? 'TERMINATED')) broken.push(`${did}: a recovery of what has ended`)
    const areGuardians = new Set(approvals).size === approvals.length && approvals.every((one) => guardians.includes(one))
    if (!areGuardians || approvals.length === 0) broken.push(`${did}: a recovery approved by others than its guardians`)
  }
  for (const [did] of recordsOf(scan, nextPolicies)) {
    if (isEnd(present.get(did)?.status ?? 'TERMINATED')) broken.push(`${did}: a recovery policy for what has ended`)
  }
  return broken
}

function checkAgenda(scan: Scan): readonly string[] {
  const broken: string[] = []
  const count = new Map<string, number>()
  for (const [key] of recordsOf(scan, agendaItems)) {
    const day = key.slice(0, 8)
    count.set(day, (count.get(day) ?? 0) + 1)
  }
  for (const [day, { first, next }] of recordsOf(scan, agendaDays)) {
    if (count.get(day) !== next - first)
      broken.push(`agenda ${day}: ${count.get(day) ?? 0} items stand, ${next - first} are counted`)
    count.delete(day)
  }
  for (const day of count.keys()) broken.push(`agenda ${day}: items that no day counts`)
  for (const [, bytes] of scan(agendaCursor.keyOf(null))) {
    const { day } = decodeTrusted(agendaCursor.schema, bytes)
    for (const [due] of recordsOf(scan, agendaDays)) if (Number(due) < day) broken.push(`agenda ${due}: was passed over`)
  }
  return broken
}
