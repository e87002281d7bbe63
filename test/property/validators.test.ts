// Owns: random sequences of changes, absences and suspensions: floors hold, sets overlap, every height has its set.
// Not here: single changes (modules/governance/validators.test.ts).
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { must } from '../../core/base/assert.ts'
import { toHex } from '../../core/base/bytes.ts'
import { createApplyContext } from '../../core/execution/apply.ts'
import { countOnline, readStanding } from '../../modules/governance/attendance.ts'
import { epochAt } from '../../modules/governance/epochs.ts'
import type { Epoch } from '../../modules/governance/epochs.ts'
import { readChainParams, readValidators, suspendValidator } from '../../modules/governance/keeper.ts'
import type { Action } from '../../modules/governance/schema.ts'
import { successions } from '../../modules/governance/set-store.ts'
import { projectedValidators, quorumOf, seatsPerActivation } from '../../modules/governance/succession.ts'
import { REGISTRY } from '../../modules/registry.ts'
import { createCouncil } from '../helpers/council.ts'
import type { Council } from '../helpers/council.ts'
import { accountOf } from '../room-bench.ts'

type Step =
  | { readonly kind: 'blocks'; readonly count: number; readonly away: number }
  | { readonly kind: 'add' | 'remove' | 'rotate' | 'move' | 'suspend'; readonly who: number }
  | { readonly kind: 'delay'; readonly to: number }

const who = fc.nat(19)
const STEP: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('blocks' as const), count: fc.integer({ min: 1, max: 30 }), away: fc.nat(6) }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constantFrom('add' as const, 'remove', 'rotate', 'move', 'suspend'), who }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delay' as const), to: fc.integer({ min: 2, max: 15 }) }) },
)

// As many are away as still decide: without a quorum there is no block at all.
function awayOf(city: Council, count: number): readonly string[] {
  const names = readValidators(city.view).map(({ name }) => name)
  return names.slice(0, Math.min(count, names.length - quorumOf(names.length)))
}

function actionOf(city: Council, step: Extract<Step, { who: number }>, serial: number): Action {
  const name = `v${step.who + 1}`
  const authority = accountOf(name)
  switch (step.kind) {
    case 'add':
      city.showReady(name, { key: `key-${serial}` })
      return city.addOf(name, `key-${serial}`)
    case 'rotate':
      return city.rotationOf(name, `key-${serial}`)
    case 'move':
      return { kind: 'validatorMove', authority, peerId: `peer-${name}-${serial}`, addresses: [] }
    default:
      return { kind: 'validatorRemove', authority }
  }
}

function take(city: Council, step: Step, serial: number): void {
  if (step.kind === 'blocks') {
    for (let i = 0; i < step.count; i++) advance(city, awayOf(city, step.away))
  } else if (step.kind === 'suspend') {
    suspendValidator(createApplyContext(city.view, [], 64), accountOf(`v${step.who + 1}`), city.block())
  } else if (step.kind === 'delay') {
    city.decide({ kind: 'chainParamsSet', params: { ...readChainParams(city.view), activationDelay: step.to } })
  } else {
    city.decide(actionOf(city, step, serial))
  }
}

// One block; a smaller set never begins without a quorum of it online.
function advance(city: Council, away: readonly string[]): void {
  const before = readValidators(city.view).length
  city.blocks(1, away)
  const after = readValidators(city.view)
  expect(after.length).toBeGreaterThanOrEqual(Math.min(4, before))
  if (after.length < before) expect(countOnline(city.view, after, city.height())).toBeGreaterThanOrEqual(quorumOf(after.length))
}

function seatsBetween(before: Epoch, after: Epoch): number {
  const keysOf = ({ validators }: Epoch): ReadonlyMap<string, string> =>
    new Map(validators.map(({ authority, publicKey }) => [authority as string, toHex(publicKey)]))
  const [old, young] = [keysOf(before), keysOf(after)]
  const all = new Set([...old.keys(), ...young.keys()])
  return [...all].filter((authority) => old.get(authority) !== young.get(authority)).length
}

// Activations closer than the delay share the seats of one; the delay itself stands still in such a run.
function assertSpacing(all: readonly Epoch[], at: number, delay: number | null): void {
  if (delay === null) return
  const epoch = must(all[at], 'an epoch')
  const near = all.filter((other, i) => i > 0 && i <= at && epoch.from - other.from < delay)
  const seats = near.reduce((sum, other) => sum + seatsBetween(must(all[all.indexOf(other) - 1], 'one before'), other), 0)
  const n = Math.max(...near.map((other) => must(all[all.indexOf(other) - 1], 'one before').validators.length))
  expect(seats).toBeLessThanOrEqual(seatsPerActivation(n))
}

function assertHistory(city: Council, delay: number | null): void {
  const { epoch: newest } = successions.mustGet(city.view, null)
  const all: Epoch[] = []
  for (let height = 1; all.length <= newest; height = must(all.at(-1)?.until ?? height, 'an end'))
    all.push(must(epochAt(city.view, height), 'an epoch'))
  for (const [i, epoch] of all.entries()) {
    const order = epoch.validators.map(({ authority }) => authority)
    expect(order).toEqual([...order].sort())
    const before = all[i - 1]
    if (before === undefined) continue
    expect(epoch.from).toBe(before.until)
    expect(seatsBetween(before, epoch)).toBeLessThanOrEqual(seatsPerActivation(before.validators.length))
    // More than a third of the old set signs in the new one, so that whoever knows the old set can judge the new.
    const kept = before.validators.filter(({ publicKey }) =>
      epoch.validators.some((one) => toHex(one.publicKey) === toHex(publicKey)),
    )
    expect(kept.length * 3).toBeGreaterThan(before.validators.length)
    assertSpacing(all, i, delay)
  }
}

describe('random changes of the set', () => {
  it('keep the floors, the overlap, the order and one set for every height', () => {
    fc.assert(
      fc.property(fc.integer({ min: 4, max: 10 }), fc.array(STEP, { minLength: 5, maxLength: 40 }), (n, steps) => {
        const city = createCouncil(n, { attendanceWindow: 40 })
        city.blocks(3)
        for (const [serial, step] of steps.entries()) {
          take(city, step, serial)
          expect(projectedValidators(city.view).length).toBeGreaterThanOrEqual(4)
        }
        for (let i = 0; i < 40; i++) advance(city, [])
        assertHistory(city, steps.some(({ kind }) => kind === 'delay') ? null : 10)
        const { inactive } = readStanding(city.view)
        const set = REGISTRY.readNextSet(city.view)
        expect(set.eligible.length).toBeGreaterThan(0)
        expect(inactive.length).toBeLessThan(set.validators.length)
        expect(city.broken()).toEqual([])
      }),
      { numRuns: 25, seed: 20_261_127 },
    )
  })
})
