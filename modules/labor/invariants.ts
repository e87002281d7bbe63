// Owns: sentences for every broken invariant of labor, over the whole state (domain.md 10: 9 to 13).
// Not here: the engine's own rules.
import { daysOf } from '../../core/base/civil-time.ts'
import { decodeTrusted, encode } from '../../core/codec/schema.ts'
import { sha256 } from '../../core/crypto/hash.ts'
import type { Store } from '../../core/state/store.ts'
import { asHash32 } from '../../core/base/ids.ts'
import type { Hash32 } from '../../core/base/ids.ts'
import type { ReadView } from '../../core/state/view.ts'
import { balanceOf, grossOf, owedOf } from './due.ts'
import { isBeforeSigning } from './contract.ts'
import { readLaw } from './law-params.ts'
import type { Contract } from './schema.ts'
import { VersionSchema } from './schema.ts'
import { books, contracts, days, dues, openShifts, parties, payslips, versionMarks, versions, workplaces } from './store.ts'
import { DAY_MIN } from './terms-shape.ts'
import { computeMonth } from './payslip.ts'
import { floorWage } from './wage/law.ts'

type Scan = (prefix: string) => Iterable<readonly [string, Uint8Array]>

/** Every broken invariant of the room. */
export function checkLaborInvariants(scan: Scan): readonly string[] {
  const view = viewOf(scan)
  return [
    ...checkContracts(scan, view),
    ...checkVersions(scan),
    ...checkHours(scan, view),
    ...checkDues(scan, view),
    ...checkSlips(scan, view),
    ...checkWorkplaces(scan),
  ]
}

function* records<K, V>(scan: Scan, store: Store<K, V>): Iterable<readonly [string, V]> {
  for (const [key, bytes] of scan(`${store.prefix}/`))
    yield [key.slice(store.prefix.length + 1), decodeTrusted(store.schema, bytes)]
}

function viewOf(scan: Scan): ReadView {
  const all = new Map([...scan('labor/'), ...scan('governance/')])
  return { get: (key) => all.get(key) ?? null }
}

const contractOf = (key: string): Hash32 => asHash32(key.slice(0, 64))

// Invariant 9: both signed one text, a minor's guardian consented and never stood in the worker's place.
function checkContracts(scan: Scan, view: ReadView): readonly string[] {
  const broken: string[] = []
  for (const [key, contract] of records(scan, contracts)) {
    const contractId = contractOf(key)
    const { worker, employer, version, minor, docHash } = contract
    if (isBeforeSigning(contract)) {
      if (version !== 0) broken.push(`contract ${key}: has a version before anybody accepted`)
      continue
    }
    if (version === 0) {
      if (contract.state !== 'VOID') broken.push(`contract ${key}: ${contract.state} without a signed version`)
      continue
    }
    const last = versions.get(view, { contractId, version })
    if (last === null) broken.push(`contract ${key}: version ${version} is missing`)
    else if (last.docHash !== docHash) broken.push(`contract ${key}: shows another text than its last version`)
    if (minor !== null && minor.consentCommit === null) broken.push(`contract ${key}: a minor’s without consent`)
    if (minor !== null && (minor.guardian === worker || minor.guardian === employer))
      broken.push(`contract ${key}: the guardian stands in a party’s place`)
    if (!parties.has(view, worker) || !parties.has(view, employer)) broken.push(`contract ${key}: a party does not know it`)
    if (!books.has(view, contractId)) broken.push(`contract ${key}: has no books`)
  }
  return broken
}

// Invariant 9: a version's bytes are those that both signed; each party signed once, by its own account.
function checkVersions(scan: Scan): readonly string[] {
  const broken: string[] = []
  const marks = new Map(records(scan, versionMarks))
  const known = new Map(records(scan, contracts))
  for (const [key, version] of records(scan, versions)) {
    const mark = marks.get(key)
    marks.delete(key)
    const contract = known.get(key.slice(0, 64))
    if (mark === undefined || mark.recordHash !== sha256(encode(VersionSchema, version)))
      broken.push(`version ${key}: its bytes changed`)
    const signers = [version.proposed.by, version.accepted.by]
    if (contract === undefined || !signers.includes(contract.worker) || !signers.includes(contract.employer))
      broken.push(`version ${key}: not signed by both parties`)
    if (contract?.minor != null && signers.includes(contract.minor.guardian)) broken.push(`version ${key}: a guardian signed`)
  }
  for (const key of marks.keys()) broken.push(`version ${key}: was deleted`)
  return broken
}

// Invariant 12: at most one record that is not superseded covers a minute; undecided ones are counted.
function checkHours(scan: Scan, view: ReadView): readonly string[] {
  const broken: string[] = []
  const spans = new Map<string, [number, number][]>()
  const open = new Map<string, number>()
  for (const [key, { shifts }] of records(scan, days)) {
    const id = key.slice(0, 64)
    const start = daysOf(Number(key.slice(65))) * DAY_MIN
    for (const [seq, { state, times, supersededBy }] of shifts.entries()) {
      if (supersededBy !== null && (state !== 'SUPERSEDED' || supersededBy <= seq))
        broken.push(`record ${key}/${seq}: odd successor`)
      if (state === 'OPEN' || state === 'PROPOSED' || state === 'DISPUTED') open.set(id, (open.get(id) ?? 0) + 1)
      if (state === 'SUPERSEDED' || times === null) continue
      const mine = spans.get(id) ?? []
      mine.push([start + times.startMin, start + times.endMin])
      spans.set(id, mine)
    }
  }
  for (const [id, mine] of spans) {
    const sorted = mine.sort(([a], [b]) => a - b)
    if (sorted.some(([from], at) => at > 0 && from < (sorted[at - 1]?.[1] ?? 0)))
      broken.push(`contract ${id}: two records cover a minute`)
  }
  for (const [id, record] of records(scan, books))
    if (record.openShifts !== (open.get(id) ?? 0))
      broken.push(`contract ${id}: ${record.openShifts} undecided counted, ${open.get(id) ?? 0} are`)
  for (const [id, { date, seq }] of records(scan, openShifts))
    if (days.get(view, { contractId: asHash32(id), date })?.shifts[seq]?.state !== 'OPEN')
      broken.push(`contract ${id}: its open record is not`)
  return broken
}

// Invariant 10: what is due follows from hours, terms and law alone; PAID says that nothing is.
function checkDues(scan: Scan, view: ReadView): readonly string[] {
  const broken: string[] = []
  const found = new Map<string, number[]>()
  for (const [key, due] of records(scan, dues)) {
    const contractId = contractOf(key)
    const ym = Number(key.slice(65))
    const { gross } = computeMonth(view, { contractId, ym })
    if (gross !== due.computed) broken.push(`month ${key}: ${due.computed} computed, hours and terms give ${gross}`)
    if (grossOf(due) !== due.withheld + due.paid + due.cash + due.subrogated + balanceOf(due))
      broken.push(`month ${key}: sums differ`)
    if ((due.state === 'PAID') !== (owedOf(due) === 0n)) broken.push(`month ${key}: ${due.state} with ${owedOf(due)} due`)
    if (owedOf(due) > 0n || due.interestDue > 0n) found.set(contractId, [...(found.get(contractId) ?? []), ym])
  }
  for (const [id, { openMonths }] of records(scan, books))
    if (openMonths.join() !== (found.get(id) ?? []).join()) broken.push(`contract ${id}: open months are not those with sums due`)
  return broken
}

// Invariants 11 and 13: no hour below the floor of its day, deductions by law alone.
function checkSlips(scan: Scan, view: ReadView): readonly string[] {
  const broken: string[] = []
  const law = readLaw(view)
  const allowed = ['PENSION', 'HEALTH', 'CARE', 'EMPLOYMENT', 'INCOME_TAX', 'LOCAL_INCOME_TAX']
  for (const [key, slip] of records(scan, payslips)) {
    const contractId = contractOf(key)
    const version = versions.mustGet(view, { contractId, version: 1 })
    for (const line of slip.lines) {
      if (line.unit !== 'MINUTE' || line.isCut) continue
      const floor = floorWage(law, line.from, { ...version.terms, startOn: version.terms.startOn })
      if (line.rate.num < floor * line.rate.den) broken.push(`payslip ${key}: ${line.code} is below the floor of ${line.from}`)
    }
    if (slip.deductions.some(({ code }) => !allowed.includes(code))) broken.push(`payslip ${key}: a deduction that no law names`)
    const sum = slip.deductions.reduce((total, { krw }) => total + krw, 0n)
    if (slip.net !== slip.gross - sum) broken.push(`payslip ${key}: net is not gross less deductions`)
  }
  return broken
}

function checkWorkplaces(scan: Scan): readonly string[] {
  const found = new Map<string, number>()
  const isWorking = ({ state }: Contract): boolean => state === 'ACTIVE' || state === 'NOTICE'
  for (const [, contract] of records(scan, contracts)) {
    const key = `${contract.employer}/${contract.workplaceId}`
    if (isWorking(contract)) found.set(key, (found.get(key) ?? 0) + 1)
  }
  const broken: string[] = []
  for (const [key, { active }] of records(scan, workplaces))
    if (active !== (found.get(key) ?? 0))
      broken.push(`workplace ${key}: ${active} people counted, ${found.get(key) ?? 0} contracts`)
  return broken
}
