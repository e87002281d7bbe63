// Owns: what must hold of insurance's whole state. Not here: what must hold between blocks (the transactions).
import { decodeTrusted } from '../../core/codec/schema.ts'
import { floor10 } from './premium/premium.ts'
import { INSURANCES } from './premium/duty.ts'
import { FIELD } from './enrolment.ts'
import { totalsOf } from './month.ts'
import { CoverSchema, DueDaySchema, PremiumSchema } from './schema.ts'
import type { Enrolment, PremiumRecord } from './schema.ts'
import { covers, dueDays, dueItems, premiums } from './store.ts'

type Scan = (prefix: string) => Iterable<readonly [string, Uint8Array]>

/** Sentences for everything that is wrong. */
export function checkInsuranceInvariants(scan: Scan): readonly string[] {
  const broken: string[] = []
  for (const [key, bytes] of scan(`${covers.prefix}/`)) {
    const cover = decodeTrusted(CoverSchema, bytes)
    for (const insurance of INSURANCES) {
      const fault = faultOf(cover[FIELD[insurance]])
      if (fault !== null) broken.push(`${key} ${insurance}: ${fault}`)
    }
  }
  for (const [key, bytes] of scan(`${premiums.prefix}/`)) {
    const fault = premiumFault(decodeTrusted(PremiumSchema, bytes))
    if (fault !== null) broken.push(`${key}: ${fault}`)
  }
  return [...broken, ...queueFaults(scan)]
}

function faultOf({ state, dueOn, lostOn }: Enrolment): string | null {
  if (state === 'REQUIRED' && dueOn === 0) return 'nobody waits for a report that is due'
  if (state === 'NOT_REQUIRED' && dueOn !== 0) return 'something is due that nobody has to report'
  return state === 'LOST' && lostOn === null ? 'lost, and no last day' : null
}

function premiumFault({ lines, workerTotal, employerTotal, levy }: PremiumRecord): string | null {
  const totals = totalsOf(lines)
  if (totals.workerTotal !== workerTotal || totals.employerTotal !== employerTotal || totals.levy !== levy)
    return 'totals are other sums'
  if (new Set(lines.map(({ code }) => code)).size !== lines.length) return 'a line stands twice'
  const odd = lines.find(
    ({ isNotice, worker, employer }) => !isNotice && (floor10(worker) !== worker || floor10(employer) !== employer),
  )
  return odd === undefined ? null : `${odd.code} is no whole ten`
}

// What a day says it holds is what it holds, but for the part that was worked off.
function queueFaults(scan: Scan): readonly string[] {
  const held = new Map<string, number>()
  for (const [key] of scan(`${dueItems.prefix}/`)) {
    const day = key.split('/')[2] ?? ''
    held.set(day, (held.get(day) ?? 0) + 1)
  }
  for (const [key, bytes] of scan(`${dueDays.prefix}/`)) {
    const day = key.split('/')[2] ?? ''
    if ((held.get(day) ?? 0) > decodeTrusted(DueDaySchema, bytes).count) return [`${key} has more items than it counts`]
    held.delete(day)
  }
  return [...held.keys()].map((day) => `items of ${day} wait for a day that counts none`)
}
