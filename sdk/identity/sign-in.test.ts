// Owns: signing in, resolving with proof, wallets and pairwise DIDs, each refusal once, and the same in a browser.
// Not here: credentials (examples/document-less.test.ts), files (cli).
import { Resolver } from 'did-resolver'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { toHex } from '../../core/base/bytes.ts'
import { formatDid, NETWORKS } from '../../core/crypto/address.ts'
import { openTinyClient } from '../../test/helpers/identity-node.ts'
import { createTinyChain } from '../../test/helpers/tiny-chain.ts'
import { createSender } from '../sender.ts'
import { trustFromGenesis } from '../trust.ts'
import { createWallet } from '../wallet.ts'
import { ageOn, deriveIncome, deriveResidency, monthsBetween } from './derive.ts'
import { createNonceStore } from './nonces.ts'
import { createPairwiseDid, derivePairwise } from './pairwise.ts'
import { getResolver } from './resolver.ts'
import { seal, unseal } from './seal.ts'
import { answerChallenge, createChallenge, parseChallenge, verifySignIn } from './sign-in.ts'
import {
  createWalletData,
  destroyAudience,
  holdCredential,
  keyFor,
  parseWalletData,
  renewAudience,
  seedOf,
} from './wallet-data.ts'

const tiny = createTinyChain()
const twist: { current: (method: string, answer: unknown) => unknown } = { current: (_method, answer) => answer }
const client = openTinyClient(tiny, (method, answer) => twist.current(method, answer))
const trust = trustFromGenesis(tiny.genesisJson)
const source = { client, chain: tiny.chain, trust, nowMs: () => 0 }
const walletOf = (name: string, keyId = 'k1') => createWallet({ seed: tiny.account(name).seed, keyId, network: 'devnet' })
const AUDIENCE = 'https://library.example'
const AT = 1_795_424_400

describe('signing in', () => {
  const nonces = createNonceStore()
  const signIn = async (
    options: { wallet?: ReturnType<typeof walletOf>; at?: number; audience?: string; token?: string } = {},
  ) => {
    const { wallet = walletOf('citizen-1'), at = AT, audience = AUDIENCE } = options
    const challenge = createChallenge({ audience: AUDIENCE, nonces, at: AT })
    const token = options.token ?? answerChallenge(challenge, { wallet, at: AT, seenOrigin: AUDIENCE })
    const check = { token, audience, nonces, at }
    return { token, done: await verifySignIn(source, check).catch((error: { code?: string }) => error.code) }
  }

  test('names DID, key and the height of the state that it was judged by', async () => {
    const { done } = await signIn()
    const { account, did } = walletOf('citizen-1')
    expect(done).toEqual({ account, did, keyId: 'k1', height: 1 })
  })

  test('refuses what is used, ended, elsewhere, unsigned or unknown', async () => {
    const { token } = await signIn()
    expect((await signIn({ token })).done).toBe('SIGN_IN_NONCE')
    expect((await signIn({ at: AT + 300 })).done).toBe('SIGN_IN_NONCE')
    expect((await signIn({ audience: 'https://other.example' })).done).toBe('SIGN_IN_AUDIENCE')
    expect((await signIn({ at: AT - 61 })).done).toBe('SIGN_IN_ENDED')
    expect((await signIn({ wallet: walletOf('citizen-1', 'k9') })).done).toBe('SIGN_IN_KEY')
    const stranger = { ...walletOf('citizen-1'), sign: walletOf('citizen-2').sign }
    expect((await signIn({ wallet: stranger })).done).toBe('SIGN_IN_SIGNATURE')
    const nobody = derivePairwise(tiny.chain, new Uint8Array(32), { audience: AUDIENCE })
    expect((await signIn({ wallet: nobody })).done).toBe('SIGN_IN_KEY')
    expect((await signIn({ token: 'a.b.c' })).done).toBe('CREDENTIAL_MALFORMED')
  })

  test('a wallet answers nobody in between, and nothing that has ended', () => {
    const challenge = createChallenge({ audience: AUDIENCE, nonces, at: AT })
    const answer = (at: number, seenOrigin: string) => () =>
      answerChallenge(challenge, { wallet: walletOf('citizen-1'), at, seenOrigin })
    expect(answer(AT, 'https://librarv.example')).toThrow('do not sign in')
    expect(answer(AT + 300, AUDIENCE)).toThrow('has ended')
    expect(parseChallenge(JSON.parse(JSON.stringify(challenge)))).toEqual(challenge)
    expect(() => parseChallenge({ ...challenge, nonce: '' })).toThrow('no challenge')
  })

  test('a store forgets its oldest nonces rather than growing', () => {
    const small = createNonceStore([], 2)
    const [a, b, c] = [1, 2, 3].map(() => small.issue(AT + 1)) as [string, string, string]
    expect([a, b, c, c].map((nonce) => small.use(nonce, AT))).toEqual([false, true, true, false])
  })
})

describe('the resolver of did:seoul', () => {
  const { did } = walletOf('citizen-1')
  const proven = new Resolver(getResolver({ client, chain: tiny.chain, trust, maxAgeMs: Number.POSITIVE_INFINITY }))
  const believed = new Resolver(getResolver({ client }))

  test('gives the node’s document, and the same one out of proven records', async () => {
    const theirs = await believed.resolve(did)
    const ours = await proven.resolve(did)
    expect(ours.didDocument).toEqual(theirs.didDocument)
    expect(ours.didDocumentMetadata).toEqual(theirs.didDocumentMetadata)
    expect(ours.didResolutionMetadata).toMatchObject({ proven: true, height: 1, contentType: 'application/did+ld+json' })
    expect(theirs.didResolutionMetadata['proven']).toBeUndefined()
  })

  test('heeds versions and tells what does not resolve', async () => {
    expect((await proven.resolve(`${did}?versionId=1`)).didDocumentMetadata.versionId).toBe('1')
    const errors = await Promise.all(
      [
        `${did}?versionId=2`,
        `${did}?versionId=x`,
        `${did}?versionTime=noon`,
        `${did.slice(0, -1)}z`,
        formatDid(walletOf('citizen-1').account, NETWORKS.city.netId),
      ].map(async (url) => (await proven.resolve(url)).didResolutionMetadata.error),
    )
    expect(errors).toEqual(['notFound', 'invalidDidUrl', 'invalidDidUrl', 'invalidDid', 'notFound'])
    expect((await proven.resolve('did:web:example.com')).didResolutionMetadata.error).toBe('unsupportedDidMethod')
  })

  test('believes no node that answers with another state', async () => {
    twist.current = (method, answer) => {
      if (method !== 'state_getProof') return answer
      const { value } = answer as { value: { value: string } }
      const flipped = value.value.endsWith('00') ? '01' : '00'
      return { value: { ...value, value: value.value.slice(0, -2) + flipped } }
    }
    try {
      await expect(proven.resolve(did)).rejects.toMatchObject({ code: 'PROOF_REFUSED' })
    } finally {
      twist.current = (_method, answer) => answer
    }
  })
})

describe('a wallet', () => {
  test('has a DID for each audience that nothing links, and finds them all again from its seed', async () => {
    const data = createWalletData(tiny.chain)
    const first = keyFor(tiny.chain, data, 'did:seoul:agency')
    const second = keyFor(tiny.chain, first.data, 'https://library.example')
    expect(new Set([first.key.did, second.key.did]).size).toBe(2)
    expect(keyFor(tiny.chain, second.data, 'did:seoul:agency')).toMatchObject({ key: { did: first.key.did }, data: second.data })
    const restored = createWalletData(tiny.chain, seedOf(data))
    expect(keyFor(tiny.chain, restored, 'did:seoul:agency').key.did).toBe(first.key.did)
    const renewed = renewAudience(tiny.chain, second.data, 'did:seoul:agency')
    expect(keyFor(tiny.chain, renewed, 'did:seoul:agency').key.did).not.toBe(first.key.did)
    const other = { ...tiny.chain, genesisHash: 'ab'.repeat(32) as typeof tiny.chain.genesisHash }
    expect(() => keyFor(other, data, 'x')).toThrow('the wallet is of chain')
    expect(() => createWalletData(tiny.chain, new Uint8Array(16))).toThrow('32 bytes')
  })

  test('puts a pairwise DID on chain with keys for consent and change, and nothing else', async () => {
    const seed = new Uint8Array(32).fill(3)
    const wallet = derivePairwise(tiny.chain, seed, { audience: AUDIENCE })
    const sender = createSender({ client, chain: tiny.chain, wallet, sponsor: walletOf('office-1') })
    await sender.send(createPairwiseDid(tiny.chain, seed, { audience: AUDIENCE }))
    const { didDocument } = await new Resolver(getResolver({ client })).resolve(wallet.did)
    expect(didDocument?.verificationMethod).toHaveLength(1)
    expect([
      didDocument?.authentication?.length,
      didDocument?.capabilityInvocation?.length,
      didDocument?.assertionMethod,
    ]).toEqual([1, 1, undefined])
  })

  test('survives its file, opens for one passphrase, and forgets what is destroyed', async () => {
    const held = { audience: 'a', vct: 'T', issuer: 'did:seoul:office' }
    let data = holdCredential(createWalletData(tiny.chain), { ...held, compact: 'one' })
    data = holdCredential(data, { ...held, compact: 'two' })
    data = holdCredential(data, { ...held, audience: 'b', compact: 'three' })
    expect(data.credentials.map(({ compact }) => compact)).toEqual(['two', 'three'])
    const sealed = await seal(JSON.stringify(data), 'long enough', 4)
    expect(new TextDecoder('latin1').decode(sealed)).not.toContain('three')
    expect(parseWalletData(await unseal(sealed, 'long enough'))).toEqual(data)
    await expect(unseal(sealed, 'another one')).rejects.toMatchObject({ code: 'WALLET_PASSPHRASE' })
    await expect(seal('x', 'short')).rejects.toMatchObject({ code: 'WALLET_PASSPHRASE' })
    expect(destroyAudience(data, 'a').data.credentials.map(({ compact }) => compact)).toEqual(['three'])
    expect(() => parseWalletData('{}')).toThrow('no wallet of version 1')
    expect(() => parseWalletData('nothing')).toThrow('no wallet of version 1')
  })
})

describe('derived facts', () => {
  test('ages are whole years from birthday to birthday', () => {
    expect([20261126, 20261127, 20261128].map((on) => ageOn(20031127, on))).toEqual([22, 23, 23])
    expect([20260228, 20260301].map((on) => ageOn(20040229, on))).toEqual([21, 22])
    expect(() => ageOn(20031332, 20261127)).toThrow('no day')
  })

  test('months of residence count from the day of moving in', () => {
    expect([20260930, 20261130, 20261231].map((to) => monthsBetween(20250930, to))).toEqual([12, 14, 15])
    expect([20260227, 20260228, 20260301].map((to) => monthsBetween(20251130, to))).toEqual([2, 2, 3])
  })

  test('a 23-year-old of Mapo, someone who moved away, someone who works a little', () => {
    const jiwoo = { bornOn: 20030514, guCode: '11440', residentSince: 20251001, isForeign: false }
    expect(deriveResidency(jiwoo, 20261127)).toEqual({
      ...{ age_ge_14: true, age_ge_18: true, age_ge_19: true, age_ge_30: false, age_ge_35: false },
      ...{ resident_seoul: true, resident_gu: '11440', resident_ge_3m: true, resident_ge_12m: true, foreign_registered: false },
    })
    const gone = deriveResidency({ ...jiwoo, guCode: null, residentSince: null }, 20261127)
    expect([gone['resident_seoul'], gone['resident_gu'], gone['resident_ge_3m']]).toEqual([false, undefined, false])
    expect(deriveIncome({ medianPercent: 120, isEmployed: true, weeklyHours: 20, contractMonths: 3 })).toEqual({
      ...{ income_le_100: false, income_le_150: true, unemployed: false, weekly_hours_le_30: true, contract_le_3m: true },
    })
  })
})

describe('in a browser', () => {
  const issueAndVerify = async () => {
    const { issueCredential, presentCredential, verifyPresentation } = await import('./sd-jwt-vc.ts')
    const { createSigner } = await import('../../core/crypto/keys.ts')
    const { derivePairwiseSeed } = await import('./pairwise.ts')
    const [issuer, holder] = [1, 2].map((byte) => createSigner(new Uint8Array(32).fill(byte))) as [
      ReturnType<typeof createSigner>,
      ReturnType<typeof createSigner>,
    ]
    const order = {
      issuer: { did: 'did:seoul:i', keyId: 'k1', sign: issuer.sign },
      vct: 'T',
      holderKey: holder.publicKey,
      issuedAt: AT,
      expiresAt: AT + 9,
    }
    const compact = await issueCredential({ ...order, claims: { a: true, b: false }, status: { list: '1', idx: 5 } })
    const binding = { audience: 'x', nonce: 'n', at: AT }
    const shown = await presentCredential(compact, { disclose: ['a'], binding, sign: holder.sign })
    const verify = async (text: string) => (await verifyPresentation(text, { issuerKey: issuer.publicKey, binding })).claims
    return { shown, verify, seed: toHex(derivePairwiseSeed(tiny.chain, new Uint8Array(32), { audience: 'x' })) }
  }
  let native: Awaited<ReturnType<typeof issueAndVerify>>
  let browser: Awaited<ReturnType<typeof issueAndVerify>>

  beforeAll(async () => {
    native = await issueAndVerify()
    vi.resetModules()
    vi.doMock('#native', () => import('../../core/crypto/native.browser.ts'))
    browser = await issueAndVerify()
  })

  afterAll(() => {
    vi.doUnmock('#native')
    vi.resetModules()
  })

  test('each believes what the other issued and presented, and derives the same keys', async () => {
    expect(await native.verify(browser.shown)).toEqual({ a: true })
    expect(await browser.verify(native.shown)).toEqual({ a: true })
    expect(browser.seed).toBe(native.seed)
  })
})
