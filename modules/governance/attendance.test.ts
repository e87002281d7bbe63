// Owns: attendance by certificates: the window, who is skipped as proposer and who returns, the turn of proposers.
// Not here: changes of the set (validators.test.ts).
import { describe, expect, it } from 'vitest'
import { proposerOf } from '../../core/chain/validator-set.ts'
import { createCouncil } from '../../test/helpers/council.ts'
import type { Council } from '../../test/helpers/council.ts'
import { accountOf } from '../../test/room-bench.ts'
import { REGISTRY } from '../registry.ts'
import { countOnline, readStanding } from './attendance.ts'
import { readValidators } from './keeper.ts'
import { attendances, signedBlocks } from './set-store.ts'

const seatOf = (city: Council, name: string) =>
  attendances.mustGet(city.view, null).seats.find(({ authority }) => authority === accountOf(name))
const isInactive = (city: Council, name: string): boolean => readStanding(city.view).inactive.includes(accountOf(name))

describe('attendance', () => {
  it('counts the last thousand certificates', () => {
    const city = createCouncil()
    city.blocks(700)
    expect(seatOf(city, 'v1')).toMatchObject({ missed: 0, streak: 700, lastSigned: 700 })
    city.blocks(300, ['v1'])
    expect(seatOf(city, 'v1')).toMatchObject({ missed: 300, streak: 0, lastSigned: 700 })
    city.blocks(900)
    // Block 900, the last but 100 of the missed ones, has left the window of 901 to 1,900.
    expect(attendances.mustGet(city.view, null)).toMatchObject({ from: 901, upTo: 1_900 })
    expect(seatOf(city, 'v1')).toMatchObject({ missed: 100, streak: 900 })
    expect([signedBlocks.has(city.view, 900), signedBlocks.has(city.view, 901)]).toEqual([false, true])
    expect(city.broken()).toEqual([])
  })

  it('skips as proposer whoever missed more than half of a window, and nobody for less', () => {
    const city = createCouncil()
    city.blocks(500, ['v2'])
    expect([seatOf(city, 'v2')?.missed, isInactive(city, 'v2')]).toEqual([500, false])
    const events = city.blocks(1, ['v2'])
    expect(events).toEqual([
      { name: 'governance.validatorActivity', payload: { authority: accountOf('v2'), inactive: true, missed: 501 } },
    ])
    const set = REGISTRY.readNextSet(city.view)
    expect(set.validators).toHaveLength(4)
    expect(set.quorum).toBe(3)
    const turns = Array.from({ length: 12 }, (_, height) => proposerOf(set, { height, round: 0 }).name)
    expect(turns).not.toContain('v2')
    expect(turns.slice(0, 3).sort()).toEqual(['v1', 'v3', 'v4'])
    // From round n on nobody is skipped: all others may be the ones that are gone.
    const late = Array.from({ length: 4 }, (_, i) => proposerOf(set, { height: 9, round: 4 + i }).name)
    expect(late.sort()).toEqual(['v1', 'v2', 'v3', 'v4'])
  })

  it('lets it propose again after twenty signatures in a row, with a clean record', () => {
    const city = createCouncil()
    city.blocks(501, ['v2'])
    city.blocks(19)
    city.blocks(1, ['v2'])
    expect(city.blocks(19)).toEqual([])
    expect(isInactive(city, 'v2')).toBe(true)
    expect(city.blocks(1)).toEqual([
      { name: 'governance.validatorActivity', payload: { authority: accountOf('v2'), inactive: false, missed: 502 } },
    ])
    city.blocks(700, ['v1'])
    expect(isInactive(city, 'v2')).toBe(false)
    expect(seatOf(city, 'v2')).toMatchObject({ missed: 0, since: 542 })
    expect(city.broken()).toEqual([])
  })

  it('cannot be made to skip someone by a single proposer', () => {
    const city = createCouncil(4)
    // The proposer of every fourth block leaves out the signature of v2, for four windows.
    for (let i = 0; i < 1_000; i++) {
      city.blocks(1, ['v2'])
      city.blocks(3)
    }
    expect(seatOf(city, 'v2')?.missed).toBe(250)
    expect(isInactive(city, 'v2')).toBe(false)
  })

  it('keeps so many proposing that one of them is honest', () => {
    const city = createCouncil(7, { attendanceWindow: 40 })
    city.blocks(60, ['v1', 'v2'])
    city.blocks(60, ['v3', 'v4'])
    city.blocks(60, ['v5', 'v6'])
    const { eligible, validators } = REGISTRY.readNextSet(city.view)
    expect([eligible.length >= 3, validators.length]).toEqual([true, 7])
    // Against any rule of signing: all but one gone for good.
    city.blocks(200, ['v1', 'v2', 'v3', 'v4', 'v5', 'v6'])
    expect(REGISTRY.readNextSet(city.view).eligible).toHaveLength(3)
    expect(city.broken()).toEqual([])
  })

  it('follows a window that another decision made shorter', () => {
    const city = createCouncil(4, { validatorsMin: 1 })
    city.blocks(120, ['v3'])
    const params = { ...REGISTRY.readChainParams(city.view), attendanceWindow: 20 }
    expect(city.decide({ kind: 'chainParamsSet', params }).failure).toBe(null)
    city.blocks(60)
    const { from, upTo } = attendances.mustGet(city.view, null)
    expect(upTo - from + 1).toBe(20)
    expect(seatOf(city, 'v3')).toMatchObject({ missed: 0, streak: 60 })
    expect([...city.scan(`${signedBlocks.prefix}/`)]).toHaveLength(20)
    expect(city.broken()).toEqual([])
  })

  it('counts as online who signed one of the last twenty blocks', () => {
    const city = createCouncil()
    const online = (): number => countOnline(city.view, readValidators(city.view), city.height())
    expect(online()).toBe(0)
    city.blocks(1)
    expect(online()).toBe(4)
    city.blocks(19, ['v4'])
    expect(online()).toBe(4)
    city.blocks(1, ['v4'])
    expect(online()).toBe(3)
  })

  it('of a seat begins with the seat', () => {
    const city = createCouncil(4, { attendanceWindow: 40 })
    city.blocks(30)
    city.showReady('v5')
    city.decide(city.addOf('v5'))
    city.blocks(10, ['v5'])
    expect(seatOf(city, 'v5')).toEqual({
      authority: accountOf('v5'),
      since: 41,
      missed: 0,
      streak: 0,
      lastSigned: 0,
      inactive: false,
    })
    city.blocks(22, ['v5'])
    expect(seatOf(city, 'v5')).toMatchObject({ missed: 22, inactive: true })
    expect(city.broken()).toEqual([])
  })
})
