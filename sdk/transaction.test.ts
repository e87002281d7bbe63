// Owns: tests of wallets, building, signing and sponsoring. Not here: sending (sender.test.ts).
import { describe, expect, test } from 'vitest'
import { isFailure } from '../core/base/errors.ts'
import { fromHex, toHex } from '../core/base/bytes.ts'
import { decodeTransaction } from '../core/chain/transaction.ts'
import { verifySignature } from '../core/crypto/keys.ts'
import { checkStatelessly } from '../core/execution/check.ts'
import { createTinyChain } from '../test/helpers/tiny-chain.ts'
import { chainOfGenesis, formatAccount, parseAccount } from './chain.ts'
import { decodeDid, STATE_KEYS } from './records.ts'
import { createDid, mint, transfer } from './rooms.ts'
import { buildTransaction, completeTransaction, decodeUnsigned, encodeUnsigned, signAs, signTransaction } from './transaction.ts'
import { createWallet, deriveGenesisAccount, deriveNewAccount, derivePublicKey } from './wallet.ts'

const tiny = createTinyChain()
const { chain } = tiny
const citizen = createWallet({ seed: tiny.account('citizen-1').seed, keyId: 'k1', network: 'devnet' })
const office = createWallet({ seed: tiny.account('office-1').seed, keyId: 'k1', network: 'devnet' })
const payee = tiny.account('citizen-2')
const envelope = { chain, sender: citizen.account, keyId: 'k1', nonce: 0n, validUntil: 90 }
const typed = transfer(chain, { to: payee.id, amount: 4_500n })

describe('a wallet', () => {
  test('has the account of its key in a genesis document, in three texts', () => {
    const account = tiny.account('citizen-1')
    expect(citizen).toMatchObject({ account: account.address, address: account.id, did: account.did })
    expect(deriveGenesisAccount(derivePublicKey(account.seed))).toBe(account.address)
    expect(formatAccount(chain, citizen.account)).toBe(account.id)
    for (const text of [account.id, account.did, account.address]) expect(parseAccount(chain, text)).toBe(account.address)
  })

  test('refuses an account of another network, and a seed of another length', () => {
    const elsewhere = createWallet({ seed: tiny.account('citizen-1').seed, keyId: 'k1', network: 'city' })
    expect(() => parseAccount(chain, elsewhere.address)).toThrow(expect.objectContaining({ code: 'BAD_ACCOUNT' }))
    expect(() => parseAccount(chain, elsewhere.did)).toThrow(expect.objectContaining({ code: 'BAD_ACCOUNT' }))
    expect(() => createWallet({ seed: new Uint8Array(31), keyId: 'k1', network: 'devnet' })).toThrow('a seed is 32 bytes')
  })
})

describe('a transaction', () => {
  test('is the same from a typed payload and from JSON', () => {
    const json = buildTransaction({
      ...envelope,
      type: 'payment.transfer',
      payload: { to: payee.id, amount: '4500', memoCommit: null },
    })
    expect(json).toEqual(buildTransaction({ ...envelope, ...typed }))
    expect(json.body.chainTag).toEqual(fromHex(chain.genesisHash.slice(0, 16)))
    expect(json.body.lane).toBe(0)
  })

  test('is signed over its domain-separated bytes and passes the node’s own checks', () => {
    const unsigned = buildTransaction({ ...envelope, ...typed })
    const tx = signTransaction(unsigned, citizen)
    expect(tx.id).toBe(unsigned.txId)
    expect(decodeTransaction(tx.bytes)).toEqual(tx)
    const [signature] = tx.signatures
    expect(
      verifySignature({ publicKey: citizen.publicKey, message: unsigned.signBytes, signature: signature as Uint8Array }),
    ).toBe(true)
    expect(isFailure(checkStatelessly(chain.registry, chain.genesisHash, tx.bytes))).toBe(false)
  })

  test('names what is wrong before anything is signed', () => {
    const build = (type: string, payload: object) => () => buildTransaction({ ...envelope, type, payload: payload as never })
    expect(build('payment.tranfer', {})).toThrow(expect.objectContaining({ code: 'UNKNOWN_TYPE' }))
    expect(build('payment.transfer', { to: payee.id, amount: 4500 })).toThrow('$.payload.amount: expected a decimal string')
    expect(build('payment.transfer', { to: payee.id, amount: '1', memo: 'x' })).toThrow('$.payload.memo')
    expect(build('payment.transfer', { to: citizen.address, amount: '1' })).toThrow(
      expect.objectContaining({ code: 'PAYMENT_SELF_TRANSFER' }),
    )
    expect(() => transfer(chain, { to: 'naru1xyz', amount: 1n })).toThrow(expect.objectContaining({ code: 'BAD_ACCOUNT' }))
  })

  test('is signed by those whom it names and by nobody else', () => {
    const unsigned = buildTransaction({ ...envelope, ...typed })
    expect(() => signTransaction(unsigned, office)).toThrow(expect.objectContaining({ code: 'WRONG_SIGNER' }))
    expect(() => signTransaction(unsigned, citizen, office)).toThrow('the sponsor is nobody')
    const otherKey = createWallet({ seed: tiny.account('citizen-1').seed, keyId: 'k2', network: 'devnet' })
    expect(() => signTransaction(unsigned, otherKey)).toThrow(expect.objectContaining({ code: 'WRONG_SIGNER' }))
  })

  test('is sponsored by a second signature, made in the same place or in another', () => {
    const sponsor = { account: office.account, keyId: 'k1' }
    const unsigned = buildTransaction({ ...envelope, ...typed, sponsor })
    const here = signTransaction(unsigned, citizen, office)
    const elsewhere = decodeUnsigned(encodeUnsigned(unsigned))
    expect(elsewhere).toEqual(unsigned)
    const there = completeTransaction(elsewhere, [signAs('sender', unsigned, citizen), signAs('sponsor', elsewhere, office)])
    expect(toHex(there.bytes)).toBe(toHex(here.bytes))
    expect(() => signTransaction(unsigned, citizen)).toThrow(expect.objectContaining({ code: 'SIGNATURE_MISSING' }))
    expect(() => decodeUnsigned(encodeUnsigned(unsigned).slice(1))).toThrow()
  })

  test('knows its chain from the genesis document', () => {
    expect(chainOfGenesis(tiny.genesisJson)).toEqual(chain)
  })
})

describe('a new DID', () => {
  test('comes into being with proven keys and a sponsor, and can then send', () => {
    const seed = new Uint8Array(32).fill(9)
    const { account, action } = createDid(chain, {
      keys: [
        { keyId: 'phone', seed },
        { keyId: 'card', seed: new Uint8Array(32).fill(8), purposes: 1 },
      ],
    })
    expect(account).toBe(deriveNewAccount({ genesisHash: chain.genesisHash, publicKey: derivePublicKey(seed) }))
    const owner = createWallet({ seed, account, keyId: 'phone', network: 'devnet' })
    const sponsor = { account: office.account, keyId: 'k1' }
    const created = buildTransaction({ chain, sender: account, keyId: 'phone', nonce: 0n, validUntil: 90, sponsor, ...action })
    const bank = createWallet({ seed: tiny.account('bank-1').seed, keyId: 'k1', network: 'devnet' })
    const issued = buildTransaction({
      ...envelope,
      sender: bank.account,
      ...mint(chain, { to: owner.did, amount: 10_000n, bankRef: 'R-9' }),
    })
    tiny.commitBlock([signTransaction(created, owner, office), signTransaction(issued, bank)])
    expect(decodeDid(tiny.state.get(STATE_KEYS.did(account)))?.keys.map(({ kid, rel }) => [kid, rel])).toEqual([
      ['phone', 11],
      ['card', 1],
    ])
    const card = createWallet({ seed: new Uint8Array(32).fill(8), account, keyId: 'card', network: 'devnet' })
    const paid = buildTransaction({
      chain,
      sender: account,
      keyId: 'card',
      nonce: 1n,
      validUntil: 90,
      ...transfer(chain, { to: payee.id, amount: 300n }),
    })
    const { receipts } = tiny.commitBlock([signTransaction(paid, card)])
    expect(receipts.map(({ code }) => code)).toEqual([0])
  })

  test('needs a key that may change it', () => {
    const keys = [{ keyId: 'card', seed: new Uint8Array(32), purposes: 1 }]
    expect(() => createDid(chain, { keys })).toThrow(expect.objectContaining({ code: 'KEY_MISSING' }))
  })
})
