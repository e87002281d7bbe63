// From a credential to a key on the roll: what the registrar takes, what it refuses, and that the chain takes what comes of it.
import { describe, expect, it } from 'vitest'
import { toHex } from '../../core/base/bytes.ts'
import { asHash32 } from '../../core/base/ids.ts'
import { rollAdd } from '../../modules/vote/roll.ts'
import { polls, voters } from '../../modules/vote/store.ts'
import { bench, codeOf, create, POLL, registrar, voter } from '../../test/vote-bench.ts'
import type { CheckResult } from '../identity/check.ts'
import type { PresentationRequest } from '../identity/presentation.ts'
import { createWallet } from '../wallet.ts'
import { commitBatch, createRollDesk, parseRollRequest, requestRollEntry } from './eligibility.ts'
import type { Asked, RollRequest } from './eligibility.ts'

const city = bench()
create(city)
const { eh } = polls.mustGet(city.view, POLL)
const holderOf = (n: number) => createWallet({ seed: new Uint8Array(32).fill(n), keyId: 'k1', network: 'devnet' })
const request: PresentationRequest = {
  ...{ kind: 'naru-presentation-request', version: 1, policyId: 'MAPO-VOTER', policyVersion: 1 },
  ...{ verifier: holderOf(200).did, nonce: 'n-1', expiresAt: 2_000_000_000 },
}
const checkOf = (outcome: CheckResult['outcome']): CheckResult => ({
  ...{ outcome, claims: { resident_seoul: true }, holder: holderOf(1).account, receiptCommit: asHash32('00'.repeat(32)) },
  ...{ policyVersion: 1, statusSeqs: [], checkedAt: 0, height: 1 },
  reasons: outcome === 'PASS' ? [] : [{ code: 'REVOKED', text: 'the issuer has revoked the credential' }],
})
const askOf = (n: number, change: Partial<Parameters<typeof requestRollEntry>[0]> = {}): RollRequest =>
  requestRollEntry({ pollId: POLL, eh, secret: voter(n), request, holder: holderOf(n), ...change })
const askedBy = (n: number, change: Partial<Asked> = {}): Asked => ({
  ...{ request, check: checkOf('PASS'), facts: { holderKeys: [holderOf(n).publicKey] }, person: `resident-${n}` },
  ...change,
})
const codeIn = (run: () => unknown): string => {
  try {
    run()
    return 'nothing thrown'
  } catch (error) {
    return (error as { code: string }).code
  }
}

describe('a registrar’s desk', () => {
  it('puts keys on the roll that lead to no DID, in an order that says nothing, and keeps the mapping sealed', () => {
    const desk = createRollDesk({ pollId: POLL, eh })
    for (const n of [3, 1, 2]) desk.admit(parseRollRequest(JSON.parse(JSON.stringify(askOf(n)))), askedBy(n))
    const batch = desk.takeBatch()
    if (batch === null) throw new Error('a batch')
    expect(desk.takeBatch()).toBe(null)
    const payload = { ...batch.payload, batchCommit: asHash32(batch.payload.batchCommit) }
    expect(codeOf(city.run(rollAdd, { sender: registrar, payload }))).toBe(null)
    const onChain = [0, 1, 2].map((rollIndex) => toHex(voters.mustGet(city.view, { pollId: POLL, rollIndex }).key))
    expect(onChain).toEqual([...onChain].sort())
    expect(batch.sealed.lines.map(({ person }) => person).sort()).toEqual(['resident-1', 'resident-2', 'resident-3'])
    const told = JSON.stringify([payload.voters.map(({ key }) => toHex(key)), payload.batchCommit])
    for (const n of [1, 2, 3])
      for (const trace of [holderOf(n).did, holderOf(n).account, `resident-${n}`]) expect(told).not.toContain(trace)
    expect(commitBatch(batch.sealed)).toBe(batch.payload.batchCommit)
    const [first, ...rest] = batch.sealed.lines
    expect(commitBatch({ ...batch.sealed, lines: [{ person: 'resident-9', key: first?.key ?? '' }, ...rest] })).not.toBe(
      batch.payload.batchCommit,
    )
  })

  it('refuses who is not eligible, who comes twice, and a key that the holder did not hand in', () => {
    const desk = createRollDesk({ pollId: POLL, eh })
    const admit = (given: RollRequest, asked: Asked) => codeIn(() => desk.admit(given, asked))
    for (const outcome of ['FAIL', 'ERROR'] as const)
      expect(admit(askOf(1), askedBy(1, { check: checkOf(outcome) }))).toBe('ROLL_NOT_ELIGIBLE')
    expect(admit(askOf(1, { pollId: 'other' }), askedBy(1))).toBe('ROLL_POLL')
    expect(admit(askOf(1), askedBy(1, { facts: { holderKeys: [holderOf(2).publicKey] } }))).toBe('ROLL_KEY_UNBOUND')
    expect(admit(askOf(1), askedBy(1, { request: { ...request, nonce: 'n-2' } }))).toBe('ROLL_KEY_UNBOUND')
    const [mine, theirs] = [askOf(1), askOf(2)]
    expect(admit({ ...mine, key: theirs.key, proof: theirs.proof }, askedBy(1))).toBe('ROLL_KEY_UNBOUND')
    expect(admit({ ...mine, proof: theirs.proof }, askedBy(1))).toBe('ROLL_KEY_INVALID')
    expect(admit(askOf(1, { eh: '22'.repeat(32) }), askedBy(1))).toBe('ROLL_KEY_UNBOUND')
    expect(admit(mine, askedBy(1))).toBe('nothing thrown')
    expect(admit(askOf(1, { secret: voter(9) }), askedBy(1))).toBe('ROLL_PERSON_TWICE')
    expect(admit(askOf(2, { secret: voter(1) }), askedBy(2))).toBe('ROLL_KEY_TWICE')
    expect(codeIn(() => parseRollRequest({ ...mine, key: 'zz' }))).toBe('CREDENTIAL_MALFORMED')
    expect(desk.takeBatch()?.payload.voters).toHaveLength(1)
  })
})
