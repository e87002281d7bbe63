// Owns: request files and the forecast of a change. Not here: sending (test/e2e/validators.test.ts).
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { createSigner } from '../../core/crypto/keys.ts'
import { CliError } from '../errors.ts'
import { buildAccount } from '../devnet/accounts.ts'
import type { AttendanceRow, ChainRow } from './chain-view.ts'
import { describeForecast, forecast, refuseRisk } from './quorum.ts'
import type { ForecastParts } from './quorum.ts'
import { additionOf, buildRequest, readRequest, writeRequest } from './request.ts'

const dir = mkdtempSync(join(tmpdir(), 'naru-request-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const chain: ChainRow = { chainId: 'naru-devnet-1', network: 'devnet', genesisHash: `0x${'11'.repeat(32)}` }
const authority = buildAccount('v5', new Uint8Array(32).fill(5)).id
const key = createSigner(new Uint8Array(32).fill(6))
const candidate = { authority, name: 'v5', peerId: '12D3KooWv5', addresses: ['/ip4/127.0.0.1/tcp/1'] }
const file = join(dir, 'v5.json')

function failureOf(run: () => unknown): { code: string; exitCode: number; message: string } {
  try {
    run()
  } catch (error) {
    if (error instanceof CliError) return { code: error.code, exitCode: error.exitCode, message: error.message }
    throw error
  }
  throw new Error('nothing was refused')
}

describe('a request file', () => {
  it('is read back as it was written, and becomes the action', () => {
    const request = buildRequest(chain, 3, candidate, key)
    writeRequest(file, request)
    expect(readRequest(file, chain)).toEqual(request)
    expect(additionOf(request)).toMatchObject({ kind: 'validatorAdd', authority, name: 'v5', publicKey: request.publicKey })
    expect(readFileSync(file, 'utf8')).not.toContain('seed')
  })

  it.each([
    ['another nonce', { nonce: 4 }],
    ['another authority', { authority: buildAccount('v6', new Uint8Array(32).fill(9)).id }],
    ['another key', { publicKey: `0x${'22'.repeat(32)}` }],
    ['another signature', { possession: `0x${'00'.repeat(64)}` }],
    ['another chain', { genesisHash: `0x${'33'.repeat(32)}` }],
    ['another format', { format: 'naru-validator-request-2' }],
    ['a short key', { publicKey: '0x11' }],
    ['no addresses', { addresses: null }],
  ])('is refused with %s', (_, over) => {
    writeFileSync(file, JSON.stringify({ ...buildRequest(chain, 3, candidate, key), ...over }))
    expect(failureOf(() => readRequest(file, chain))).toMatchObject({ code: 'REQUEST_REFUSED', exitCode: 12 })
  })

  it('is refused where it is none', () => {
    writeFileSync(file, 'no json')
    expect(failureOf(() => readRequest(file, chain)).code).toBe('REQUEST_REFUSED')
    expect(failureOf(() => readRequest(join(dir, 'none'), chain))).toMatchObject({ code: 'USAGE', exitCode: 2 })
    const city = { ...chain, network: 'city' } as const
    expect(failureOf(() => buildRequest(city, 0, candidate, key)).code).toBe('USAGE')
  })
})

const names = (n: number): readonly string[] => Array.from({ length: n }, (_, i) => `v${i + 1}`)

function partsOf(n: number, away: readonly string[], kind: string, who: string): ForecastParts {
  const row = (name: string): AttendanceRow => ({
    authority: name,
    name,
    since: 1,
    observed: 100,
    missed: 0,
    streak: 1,
    lastSigned: 100,
    online: !away.includes(name),
    inactive: false,
    barred: false,
  })
  const online = n - away.length
  return {
    action: { kind, authority: who, publicKey: '0x01' },
    validators: names(n).map((name) => ({ authority: name, publicKey: '0x', name, peerId: '', addresses: [] })),
    performance: { from: 1, upTo: 100, window: 100, online, quorum: 0, validators: names(n).map(row) },
    succession: { epoch: 0, since: 1, validators: n, quorum: 0, online, seatsPerActivation: 1, pending: [], suspended: [] },
    seat: {
      nonce: 0,
      validator: null,
      decided: null,
      ready: { publicKey: '0x01', height: 99, at: 99 },
      suspended: false,
      barred: false,
    },
    height: 100,
    readyWindow: 100,
    validatorsMin: 4,
  }
}

describe('the forecast of a change', () => {
  it('counts who decides and who may fail, before and after', () => {
    const seen = forecast(partsOf(4, [], 'validatorAdd', 'v5'))
    expect(seen).toMatchObject({
      before: { validators: 4, quorum: 3, online: 4, maySpare: 1 },
      after: { validators: 5, quorum: 4, online: 5, maySpare: 1 },
      risk: null,
      remarks: ['5 validators tolerate no more faults than 4'],
    })
    expect(describeForecast(seen)).toContain('after : 4 of 5 decide, 5 online, 1 may fail')
    expect(forecast(partsOf(6, [], 'validatorAdd', 'v7')).remarks).toEqual([])
    expect(() => refuseRisk(seen)).not.toThrow()
  })

  it('refuses what would cost the quorum or the floor, with exit code 20', () => {
    const cases: readonly (readonly [ForecastParts, string])[] = [
      [partsOf(4, [], 'validatorRemove', 'v4'), '3 validators would stay'],
      [partsOf(6, ['v5', 'v6'], 'validatorRemove', 'v1'), '3 validators would be online, 4 of 5 decide'],
      [partsOf(4, ['v2', 'v4'], 'validatorRotate', 'v3'), '2 validators would be online, 3 of 4 decide'],
      [partsOf(7, ['v6', 'v7'], 'validatorAdd', 'v8'), ''],
    ]
    for (const [parts, text] of cases) {
      const seen = forecast(parts)
      if (text === '') expect(seen.risk).toBeNull()
      else {
        expect(seen.risk).toContain(text)
        expect(failureOf(() => refuseRisk(seen))).toMatchObject({ code: 'QUORUM_AT_RISK', exitCode: 20 })
      }
    }
  })

  it('reminds of a candidate that has not shown its readiness, and of nobody to spare', () => {
    const parts = partsOf(4, ['v4'], 'validatorAdd', 'v5')
    const { remarks } = forecast({ ...parts, seat: { ...parts.seat, ready: null } })
    expect(remarks).toContain(
      'the candidate has not shown lately that its node follows the chain; the deciding approval needs that',
    )
    expect(remarks).toContain('should the newcomer not come up, every other validator is needed')
    const move = forecast(partsOf(4, ['v4'], 'validatorMove', 'v1'))
    expect([move.after, move.risk]).toEqual([move.before, null])
  })
})
