// Owns: tests of proofs: real blocks of a chain in memory, and everything that must not pass for one. Not here: files (proof-file.test.ts).
import { describe, expect, test } from 'vitest'
import { must } from '../core/base/assert.ts'
import { asHash32, ZERO_HASH } from '../core/base/ids.ts'
import { HeaderSchema } from '../core/chain/block.ts'
import { CertificateSchema } from '../core/chain/certificate.ts'
import { encode } from '../core/codec/schema.ts'
import { createTinyChain, buildMember, certify, validatorsOf } from '../test/helpers/tiny-chain.ts'
import { decodeBalance, decodeDid, decodeNonce, decodePaymentAccount, decodeValidators, STATE_KEYS } from './records.ts'
import { mint, transfer } from './rooms.ts'
import { buildTransaction, signTransaction } from './transaction.ts'
import { followValidators, trustFromGenesis, trustFromValidators } from './trust.ts'
import { verifyReceipt, verifyStateProof, verifyTransactionProof } from './verify.ts'
import { createWallet } from './wallet.ts'

const tiny = createTinyChain()
const { chain } = tiny
const trust = trustFromGenesis(tiny.genesisJson)
const citizen = createWallet({ seed: tiny.account('citizen-1').seed, keyId: 'k1', network: 'devnet' })
const bank = createWallet({ seed: tiny.account('bank-1').seed, keyId: 'k1', network: 'devnet' })
const payee = tiny.account('citizen-2')
const envelope = (wallet: typeof citizen, nonce: bigint) => ({
  chain,
  sender: wallet.account,
  keyId: 'k1',
  nonce,
  validUntil: 100,
})
const payment = signTransaction(
  buildTransaction({ ...envelope(citizen, 0n), ...transfer(chain, { to: payee.id, amount: 4_500n }) }),
  citizen,
)
const issue = signTransaction(
  buildTransaction({ ...envelope(bank, 0n), ...mint(chain, { to: payee.id, amount: 70_000n, bankRef: 'R-1' }) }),
  bank,
)
// Fails inside the block: the payee does not hold so much.
const tooMuch = signTransaction(
  buildTransaction({ ...envelope(citizen, 1n), ...transfer(chain, { to: payee.did, amount: 900_000_000n }) }),
  citizen,
)
const block = tiny.commitBlock([payment, issue, tooMuch])
const balanceProof = tiny.proveState(block, STATE_KEYS.balance(payee.address))
const absentKey = STATE_KEYS.balance(buildMember('nobody').account.address)
const absenceProof = tiny.proveState(block, absentKey)

function reasonOf(verdict: { ok: boolean; reason?: string }): string {
  expect(verdict.ok).toBe(false)
  return verdict.reason ?? ''
}

/** The bytes with each byte changed in turn: its lowest bit, its highest bit, and all of them. */
function* changesOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at++) {
    for (const mask of [0x01, 0x80, 0xff]) {
      const changed = bytes.slice()
      changed[at] = (bytes[at] ?? 0) ^ mask
      yield changed
    }
  }
}

describe('a proof of a record', () => {
  test('shows a balance after a transfer and an issue, from the genesis document alone', () => {
    const verdict = verifyStateProof({ trust, proof: balanceProof })
    if (!verdict.ok) throw new Error(verdict.reason)
    expect(verdict.header.height).toBe(1)
    expect(decodeBalance(verdict.value)).toBe(500_000n + 4_500n + 70_000n)
    expect(decodePaymentAccount(verdict.value)).toMatchObject({ bank: '004', locked: 0n, exempt: false, freeze: null })
  })

  test('shows that a record is absent', () => {
    const verdict = verifyStateProof({ trust, proof: absenceProof })
    expect(verdict).toMatchObject({ ok: true, key: absentKey, value: null })
    expect(decodeBalance(null)).toBe(0n)
  })

  test('shows nonces, keys of a DID and the validators', () => {
    const read = (key: string): Uint8Array | null => {
      const verdict = verifyStateProof({ trust, proof: tiny.proveState(block, key) })
      if (!verdict.ok) throw new Error(verdict.reason)
      return verdict.value
    }
    expect(decodeNonce(read(STATE_KEYS.account(citizen.account)))).toBe(2n)
    expect(decodeNonce(read(STATE_KEYS.account(citizen.account)), 7)).toBe(0n)
    expect(decodeDid(read(STATE_KEYS.did(citizen.account)))?.keys.map(({ kid }) => kid)).toEqual(['k1'])
    expect(
      decodeValidators(read(STATE_KEYS.validators()))
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['v1', 'v2', 'v3', 'v4'])
  })

  for (const [name, proof] of [
    ['presence', balanceProof],
    ['absence', absenceProof],
  ] as const) {
    for (const field of ['header', 'commit', 'proof', 'value'] as const) {
      const bytes = proof[field]
      if (bytes === null) continue
      test(`of ${name} is refused with any byte of ${field} changed, dropped or added`, () => {
        let tried = 0
        for (const changed of changesOf(bytes)) {
          tried += 1
          if (verifyStateProof({ trust, proof: { ...proof, [field]: changed } }).ok)
            throw new Error(`${field} passed as ${tried}`)
        }
        expect(tried).toBe(bytes.length * 3)
        const longer = new Uint8Array(bytes.length + 1)
        longer.set(bytes)
        for (const other of [bytes.slice(1), bytes.slice(0, -1), longer, new Uint8Array(0)]) {
          expect(verifyStateProof({ trust, proof: { ...proof, [field]: other } }).ok).toBe(false)
        }
      })
    }

    test(`of ${name} is refused for another key, chain id or genesis hash`, () => {
      for (let at = 0; at < proof.key.length; at++) {
        const key = `${proof.key.slice(0, at)}${proof.key[at] === '0' ? '1' : '0'}${proof.key.slice(at + 1)}`
        expect(verifyStateProof({ trust, proof: { ...proof, key }, key: proof.key }).ok).toBe(false)
        if (proof.value !== null) expect(verifyStateProof({ trust, proof: { ...proof, key } }).ok).toBe(false)
      }
      expect(verifyStateProof({ trust, proof, key: proof.key }).ok).toBe(true)
      expect(reasonOf(verifyStateProof({ trust, proof: { ...proof, chainId: 'naru-devnet-2' } }))).toMatch(
        /of chain naru-devnet-2/,
      )
      expect(reasonOf(verifyStateProof({ trust, proof: { ...proof, genesisHash: ZERO_HASH } }))).toMatch(/another genesis/)
    })
  }

  test('is refused when presence is claimed to be absence, or absence to be presence', () => {
    expect(reasonOf(verifyStateProof({ trust, proof: { ...balanceProof, value: null } }))).toMatch(/is absent/)
    expect(reasonOf(verifyStateProof({ trust, proof: { ...absenceProof, value: new Uint8Array(0) } }))).toMatch(
      /holds this value/,
    )
    expect(reasonOf(verifyStateProof({ trust, proof: { ...absenceProof, key: '\ud800' } }))).toMatch(/no key of the state/)
  })
})

describe('a header', () => {
  const { header } = block
  const verify = (commit: ReturnType<typeof certify>, of = header, by = trust) =>
    verifyStateProof({
      trust: by,
      proof: { ...balanceProof, header: encode(HeaderSchema, of), commit: encode(CertificateSchema, commit) },
    })
  const signed = { chainId: chain.chainId, set: tiny.set, header }

  test('is final by exactly a quorum, and not by one signature less', () => {
    expect(verify(certify({ ...signed, members: tiny.members.slice(0, 3) })).ok).toBe(true)
    expect(verify(certify({ ...signed, members: tiny.members.slice(1, 4) })).ok).toBe(true)
    expect(reasonOf(verify(certify({ ...signed, members: tiny.members.slice(0, 2) })))).toBe('2 signatures, 3 needed')
  })

  test('is not final by prevotes', () => {
    expect(reasonOf(verify(certify({ ...signed, members: tiny.members, type: 'prevote' })))).toMatch(/prevotes/)
  })

  test('is not final by one validator signing for all', () => {
    const commit = certify({ ...signed, members: tiny.members })
    const one = must(commit.signatures[0], 'a signature')
    expect(reasonOf(verify({ ...commit, signatures: [one, one, one, one] }))).toMatch(/signature of v\d is not valid/)
  })

  test('is not final by strangers, who may sign as much as they like', () => {
    const strangers = ['x1', 'x2', 'x3', 'x4'].map(buildMember)
    const other = createTinyChain(['x1', 'x2', 'x3', 'x4'])
    const forged = { ...header, validatorsHash: other.set.hash }
    const commit = certify({ chainId: chain.chainId, set: other.set, members: strangers, header: forged })
    expect(reasonOf(verify(commit, forged))).toMatch(/other validators/)
    const theirs = { ...trustFromGenesis(other.genesisJson), genesisHash: trust.genesisHash }
    expect(verify(commit, forged, theirs).ok).toBe(true)
    expect(reasonOf(verify(certify({ ...signed, members: tiny.members }), header, theirs))).toMatch(/other validators/)
  })

  test('is not final by signatures for another height, block or chain', () => {
    const next = { ...header, height: 2 }
    const commit = certify({ ...signed, members: tiny.members, header: next })
    expect(reasonOf(verify(commit))).toMatch(/for height 2/)
    expect(reasonOf(verify({ ...commit, height: 1 }))).toMatch(/another block/)
    expect(reasonOf(verify(certify({ ...signed, chainId: 'naru-devnet-2', members: tiny.members })))).toMatch(/not valid/)
    expect(reasonOf(verify(certify({ ...signed, members: tiny.members }), { ...header, chainId: 'naru-devnet-2' }))).toMatch(
      /trusted is/,
    )
    expect(reasonOf(verify(certify({ ...signed, members: tiny.members }), { ...header, version: 2 }))).toMatch(/version 2/)
  })
})

describe('a proof of a transaction', () => {
  test('shows the transaction, its receipt and their place', () => {
    const verdict = verifyTransactionProof({ trust, proof: tiny.proveTransaction(block, 1) })
    if (!verdict.ok) throw new Error(verdict.reason)
    expect(verdict.tx.id).toBe(issue.id)
    expect(verdict.receipt).toMatchObject({ txId: issue.id, code: 0 })
    expect(verdict.index).toBe(1)
  })

  test('shows a failure as a failure', () => {
    const verdict = verifyReceipt({ trust, proof: tiny.proveReceipt(block, 2) })
    if (!verdict.ok) throw new Error(verdict.reason)
    expect(verdict.receipt.txId).toBe(tooMuch.id)
    expect(chain.registry.errorByNumber.get(verdict.receipt.code)?.code).toBe('PAYMENT_INSUFFICIENT')
  })

  const proof = tiny.proveTransaction(block, 0)
  for (const field of ['header', 'commit', 'tx', 'receipt'] as const) {
    test(`is refused with any byte of ${field} changed`, () => {
      let tried = 0
      for (const changed of changesOf(proof[field])) {
        tried += 1
        if (verifyTransactionProof({ trust, proof: { ...proof, [field]: changed } }).ok)
          throw new Error(`${field} passed as ${tried}`)
        if (field !== 'tx' && verifyReceipt({ trust, proof: { ...proof, [field]: changed } }).ok)
          throw new Error(`${field} passed as ${tried}`)
      }
      expect(tried).toBe(proof[field].length * 3)
    })
  }

  test('is refused with another place, count or sibling', () => {
    for (const path of ['txPath', 'receiptPath'] as const) {
      const { index, count, siblings } = proof[path]
      const others = [
        { index: index + 1, count, siblings },
        { index, count: count + 1, siblings },
        { index, count, siblings: siblings.slice(1) },
        { index, count, siblings: [...siblings, ZERO_HASH] },
        ...siblings.map((_, at) => ({ index, count, siblings: siblings.with(at, asHash32('ab'.repeat(32))) })),
      ]
      for (const other of others) expect(verifyTransactionProof({ trust, proof: { ...proof, [path]: other } }).ok).toBe(false)
    }
  })

  test('is refused with the receipt of another transaction', () => {
    const { receipt, receiptPath } = tiny.proveReceipt(block, 1)
    expect(reasonOf(verifyTransactionProof({ trust, proof: { ...proof, receipt, receiptPath } }))).toMatch(/another transaction/)
  })
})

describe('trust', () => {
  const set5 = ['v2', 'v3', 'v4', 'v5'].map(buildMember)
  const next = trustFromValidators({ ...trust, validators: validatorsOf(set5) })
  const change = { ...block.header, height: 7, nextValidatorsHash: next.set.hash }
  const commit = certify({ chainId: chain.chainId, set: tiny.set, members: tiny.members, header: change })
  const after = { ...block.header, height: 8, validatorsHash: next.set.hash, nextValidatorsHash: next.set.hash }
  const afterCommit = certify({ chainId: chain.chainId, set: next.set, members: set5, header: after })
  const nextValidators = validatorsOf(set5)

  test('in a genesis document is in its chain id, its hash and its validators', () => {
    expect(trust).toMatchObject({ chainId: 'naru-devnet-1', genesisHash: chain.genesisHash })
    expect(trust.set.hash).toBe(tiny.set.hash)
    expect(trust.set.quorum).toBe(3)
  })

  test('follows the validators through the header that names their successors', () => {
    const followed = followValidators(trust, [
      { header: block.header, commit: block.commit },
      { header: change, commit, nextValidators },
    ])
    expect(followed).toMatchObject({ chainId: trust.chainId, set: { hash: next.set.hash } })
    const links = [
      { header: change, commit, nextValidators },
      { header: after, commit: afterCommit },
    ]
    expect(followValidators(trust, links)).toMatchObject({ set: { hash: next.set.hash } })
  })

  test('does not follow where a link is missing, forged or out of order', () => {
    expect(followValidators(trust, [{ header: after, commit: afterCommit }])).toMatch(/height 8: .*other validators/)
    expect(followValidators(trust, [{ header: change, commit }])).toMatch(/not given/)
    expect(followValidators(trust, [{ header: change, commit, nextValidators: [] }])).toMatch(/not given/)
    expect(followValidators(trust, [{ header: change, commit, nextValidators: nextValidators.slice(1) }])).toMatch(/not those/)
    const twice = [...nextValidators, ...nextValidators]
    expect(followValidators(trust, [{ header: change, commit, nextValidators: twice }])).toMatch(/not those/)
    expect(followValidators(trust, [{ header: change, commit: afterCommit, nextValidators }])).toMatch(/height 7: /)
    const backwards = [
      { header: change, commit, nextValidators },
      { header: block.header, commit: block.commit },
    ]
    expect(followValidators(trust, backwards)).toMatch(/height 1: .*other validators/)
    const again = [
      { header: block.header, commit: block.commit },
      { header: block.header, commit: block.commit },
    ]
    expect(followValidators(trust, again)).toMatch(/does not lie above/)
  })
})
