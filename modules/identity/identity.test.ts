import { describe, expect, it } from 'vitest'
import { fromHex, toHex } from '../../core/base/bytes.ts'
import { asHash32 } from '../../core/base/ids.ts'
import type { Address } from '../../core/base/ids.ts'
import { isFailure } from '../../core/base/errors.ts'
import { assembleTransaction, TX_VERSION, txSigningBytes } from '../../core/chain/transaction.ts'
import { encode, fromJson } from '../../core/codec/schema.ts'
import { deriveAddress, formatDid, NETWORKS } from '../../core/crypto/address.ts'
import { createSigner, verifySignature } from '../../core/crypto/keys.ts'
import { applyTransaction } from '../../core/execution/apply.ts'
import { checkStatelessly } from '../../core/execution/check.ts'
import { accountOf, createRoomBench, genesisDocument, signerOf, TEXT, textOf } from '../../test/room-bench.ts'
import type { Outcome, RoomBench } from '../../test/room-bench.ts'
import { REGISTRY } from '../registry.ts'
import { didCreate } from './did-create.ts'
import { didRotate } from './did-rotate.ts'
import { didUpdate } from './did-update.ts'
import { ResolutionSchema, formatMultikey } from './did-document.ts'
import { findKey, mayOnboard, readDid, readDidAt, readDidVersion, requireActive } from './keeper.ts'
import { isWeakKey, possessionBytes } from './possession.ts'
import { getKeys, resolve } from './queries.ts'
import type { NewKey } from './schema.ts'
import { dids, retiredKeys } from './store.ts'

const [alice, bob, office] = ['alice', 'bob', 'office'].map(accountOf) as [Address, Address, Address]
const didOf = (account: Address): string => formatDid(account, NETWORKS.devnet.netId)
// RFC 7748 6.1, Alice's public key.
const X25519_PUB = fromHex('8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a')

const bench = (): RoomBench => createRoomBench(REGISTRY)
const codeOf = (outcome: Outcome): string | null => outcome.failure?.code ?? null

type KeyPlan = {
  kid: string
  name: string
  rel: number
  proveAs?: Partial<{ kid: string; rel: number; genesisHash: string; did: Address }>
}

const keyFor = (city: RoomBench, did: Address, { kid, name, rel, proveAs = {} }: KeyPlan): NewKey => {
  const signer = signerOf(name)
  const claim = { genesisHash: city.genesisHash, did, kid, rel, ...proveAs }
  const key = { kid: claim.kid, pub: signer.publicKey, rel: claim.rel }
  const proof = signer.sign(possessionBytes({ genesisHash: asHash32(claim.genesisHash), did: claim.did, key }))
  return { kid, type: 'ED25519', pub: signer.publicKey, rel, proof }
}
const idFor = (city: RoomBench, name: string, nonce = 0n): Address =>
  deriveAddress({ genesisHash: asHash32(city.genesisHash), publicKey: signerOf(name).publicKey, nonce })

type Creation = Parameters<typeof didCreate.checkStateless>[0]['payload']
const creation = (keys: readonly NewKey[], over: Partial<Creation> = {}): Creation => ({
  nonce: 0n,
  keys,
  services: [],
  controller: [],
  recovery: null,
  ...over,
})
const create = (city: RoomBench, keys: readonly NewKey[], over: Partial<Creation> & { sender?: Address } = {}): Outcome => {
  const { sender = idFor(city, 'new'), ...rest } = over
  return city.run(didCreate, { sender, sponsor: office, payload: creation(keys, rest) })
}
const newKey = (city: RoomBench, over: Partial<KeyPlan> = {}): NewKey =>
  keyFor(city, idFor(city, 'new'), { kid: 'main', name: 'new', rel: 11, ...over })

type Update = Parameters<typeof didUpdate.checkStateless>[0]['payload']
const update = (city: RoomBench, change: Partial<Update>, sender = alice): Outcome => {
  const did = change.did ?? alice
  const prevVersionId = readDid(city.view, did)?.versionId ?? 0
  const none = { add: [], revoke: [], relations: [], services: null, controller: null }
  return city.run(didUpdate, { sender, payload: { did, prevVersionId, ...none, ...change } })
}
const aliceKey = (city: RoomBench, kid: string, rel = 11): NewKey => keyFor(city, alice, { kid, name: `alice-${kid}`, rel })
const rotate = (city: RoomBench, revoke: string, add: NewKey): Outcome =>
  city.run(didRotate, {
    sender: alice,
    payload: { did: alice, prevVersionId: readDid(city.view, alice)?.versionId ?? 0, revoke, add },
  })

describe('identity.did.create', () => {
  it('makes the DID that key and nonce derive', () => {
    const city = bench()
    const did = idFor(city, 'new', 7n)
    const services = [{ id: 'inbox', type: 'MessageBox', uri: 'https://inbox.example/1' }]
    const { failure, events } = create(city, [keyFor(city, did, { kid: 'main', name: 'new', rel: 11 })], {
      sender: did,
      nonce: 7n,
      services,
    })
    expect(failure).toBe(null)
    expect(events).toEqual([{ name: 'identity.didCreated', payload: { did, sponsor: office } }])
    expect(readDid(city.view, did)).toMatchObject({ versionId: 1, status: 'ACTIVE', services, createdAt: city.block().time })
    expect(findKey(city.view, did, 'main')).toEqual({ publicKey: signerOf('new').publicKey, purposes: 11, live: true })
    expect(city.broken()).toEqual([])
  })

  it('runs through the envelope with the key of the payload and a sponsor that may onboard', () => {
    const city = bench()
    const sender = idFor(city, 'new')
    const key = newKey(city)
    const body = {
      version: TX_VERSION,
      chainTag: fromHex(city.genesisHash.slice(0, 16)),
      type: didCreate.type,
      sender,
      keyId: 'main',
      lane: 0,
      nonce: 0n,
      validUntil: 10,
      payload: encode(didCreate.payload, creation([key])),
    }
    const send = (sponsorName: string) => {
      const signed = { ...body, sponsor: { account: accountOf(sponsorName), keyId: 'k1' } }
      const message = txSigningBytes(signed)
      const tx = assembleTransaction(signed, [signerOf('new').sign(message), signerOf(sponsorName).sign(message)])
      const checked = checkStatelessly(REGISTRY, city.genesisHash, tx.bytes)
      if (isFailure(checked)) return checked.code
      const env = { registry: REGISTRY, view: city.view, block: city.block(), checkSignature: verifySignature }
      const outcome = applyTransaction(env, checked)
      return isFailure(outcome) ? outcome.code : outcome.code
    }
    expect(send('bob')).toBe('SPONSOR_NOT_ALLOWED')
    expect(send('office')).toBe(0)
    expect(readDid(city.view, sender)?.versionId).toBe(1)
  })

  it('may be sponsored by an onboarding office or a bank, by nobody else', () => {
    const city = bench()
    const allowed = ['office', 'bankA', 'alice', 'cityhall'].map((name) => mayOnboard(city.view, accountOf(name), city.block()))
    expect(allowed).toEqual([true, true, false, false])
  })

  it('takes keys of agreement without proof', () => {
    const city = bench()
    const agreement: NewKey = { kid: 'agree', type: 'X25519', pub: X25519_PUB, rel: 4, proof: null }
    expect(codeOf(create(city, [newKey(city), agreement]))).toBe(null)
    expect(findKey(city.view, idFor(city, 'new'), 'agree')).toBe(null)
  })

  it('IDENTITY_DID_MISMATCH: the sender is not the derived id', () => {
    const city = bench()
    expect(codeOf(create(city, [newKey(city)], { nonce: 1n }))).toBe('IDENTITY_DID_MISMATCH')
    expect(codeOf(create(city, [newKey(city)], { sender: bob }))).toBe('IDENTITY_DID_MISMATCH')
  })

  it('IDENTITY_DID_EXISTS: once only, and without a nonce for whoever tries', () => {
    const city = bench()
    expect(codeOf(create(city, [newKey(city)]))).toBe(null)
    const again = create(city, [newKey(city)])
    expect([codeOf(again), again.failure?.class]).toEqual(['IDENTITY_DID_EXISTS', 'stale'])
  })

  it('IDENTITY_KEY_POP_INVALID: proofs bind chain, DID, name and purposes', () => {
    const city = bench()
    for (const proveAs of [{ kid: 'other' }, { rel: 1 }, { did: bob }, { genesisHash: '00'.repeat(32) }]) {
      expect(codeOf(create(city, [newKey(city, { proveAs })]))).toBe('IDENTITY_KEY_POP_INVALID')
    }
    expect(codeOf(create(city, [{ ...newKey(city), proof: null }]))).toBe('IDENTITY_KEY_POP_INVALID')
    const agreement: NewKey = { kid: 'agree', type: 'X25519', pub: X25519_PUB, rel: 4, proof: new Uint8Array(64) }
    expect(codeOf(create(city, [newKey(city), agreement]))).toBe('IDENTITY_KEY_POP_INVALID')
    expect(codeOf(update(city, { add: [{ ...aliceKey(city, 'k2'), proof: new Uint8Array(64) }] }))).toBe(
      'IDENTITY_KEY_POP_INVALID',
    )
  })

  it('IDENTITY_KEYSET_INVALID: one key of purpose 8, one of 1, distinct names and keys, purposes that fit', () => {
    const city = bench()
    const key = newKey(city)
    for (const keys of [
      [],
      [{ ...key, rel: 3 }],
      [{ ...key, rel: 8 }],
      [{ ...key, rel: 15 }],
      [key, { ...key, rel: 1 }],
      [key, { ...key, kid: 'same' }],
      [key, { kid: 'agree', type: 'X25519' as const, pub: X25519_PUB, rel: 1, proof: null }],
    ]) {
      expect(codeOf(create(city, keys))).toBe('IDENTITY_KEYSET_INVALID')
    }
    const changer = newKey(city, { kid: 'change', rel: 8 })
    const actor = newKey(city, { kid: 'act', name: 'act', rel: 1 })
    expect(codeOf(create(city, [changer, actor]))).toBe(null)
  })

  it('IDENTITY_KEY_WEAK: refuses keys of low order or in another encoding', () => {
    const city = bench()
    for (const hex of [`01${'00'.repeat(31)}`, `ec${'ff'.repeat(30)}7f`, `ee${'ff'.repeat(30)}7f`]) {
      expect(codeOf(create(city, [{ ...newKey(city), pub: fromHex(hex) }]))).toBe('IDENTITY_KEY_WEAK')
    }
    const agreement = (hex: string) => isWeakKey({ type: 'X25519', pub: fromHex(hex) })
    expect(agreement('e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800')).toBe(true)
    expect(agreement(`ed${'ff'.repeat(30)}7f`)).toBe(true)
    expect(agreement(`09${'00'.repeat(30)}80`)).toBe(true)
    expect(agreement(`09${'00'.repeat(31)}`)).toBe(false)
    expect(agreement(`eb${'ff'.repeat(30)}7f`)).toBe(false)
  })

  it('IDENTITY_RECOVERY_POLICY_INVALID: a threshold that guardians can reach, after at least 48 hours', () => {
    const guardians = ['aa', 'bb'].map((byte) => asHash32(byte.repeat(32)))
    const policy = { threshold: 2, guardians, delaySec: 172_800 }
    const tried = (recovery: typeof policy) => {
      const city = bench()
      return codeOf(create(city, [newKey(city)], { recovery }))
    }
    for (const bad of [
      { threshold: 0 },
      { threshold: 3 },
      { delaySec: 172_799 },
      { guardians: guardians.slice(0, 1).concat(guardians) },
    ]) {
      expect(tried({ ...policy, ...bad })).toBe('IDENTITY_RECOVERY_POLICY_INVALID')
    }
    expect(tried(policy)).toBe(null)
  })

  it('IDENTITY_SERVICES_INVALID and IDENTITY_CONTROLLER_INVALID: ids and controllers stand once', () => {
    const city = bench()
    const service = { id: 'a', type: 'T', uri: 'https://a.example' }
    expect(codeOf(create(city, [newKey(city)], { services: [service, service] }))).toBe('IDENTITY_SERVICES_INVALID')
    expect(codeOf(create(city, [newKey(city)], { controller: [bob, bob] }))).toBe('IDENTITY_CONTROLLER_INVALID')
    expect(codeOf(create(city, [newKey(city)], { controller: [idFor(city, 'new')] }))).toBe('IDENTITY_CONTROLLER_INVALID')
    expect(codeOf(update(city, { controller: [alice] }))).toBe('IDENTITY_CONTROLLER_INVALID')
  })
})

describe('identity.did.update', () => {
  it('counts the version up by one and keeps the old one', () => {
    const city = bench()
    city.advance(5_000)
    const { events } = update(city, {
      add: [aliceKey(city, 'k2', 3)],
      services: [{ id: 's', type: 'T', uri: 'https://s.example' }],
    })
    expect(events).toEqual([{ name: 'identity.didUpdated', payload: { did: alice, versionId: 2, by: alice } }])
    expect(readDid(city.view, alice)).toMatchObject({ versionId: 2, updatedAt: city.block().time })
    expect(readDidVersion(city.view, alice, 1)?.keys.map((key) => key.kid)).toEqual(['k1'])
    expect(city.broken()).toEqual([])
  })

  it('revokes keys for good: they sign nothing any more, yet stay visible', () => {
    const city = bench()
    update(city, { add: [aliceKey(city, 'k2')] })
    const { events } = update(city, { revoke: ['k1'] })
    const pub = signerOf('alice').publicKey
    expect(events[1]).toEqual({ name: 'identity.keyRevoked', payload: { did: alice, versionId: 3, kid: 'k1', pub } })
    expect(findKey(city.view, alice, 'k1')?.live).toBe(false)
    expect(findKey(city.view, alice, 'k2')?.live).toBe(true)
    expect(city.ask(getKeys, { did: textOf('alice') })).toMatchObject({
      versionId: 3,
      keys: [{ kid: 'k1' }, { kid: 'k2', revokedAt: null }],
    })
    expect(city.ask(getKeys, { did: textOf('alice'), versionId: 2 })).toMatchObject({
      keys: [{ revokedAt: null }, { revokedAt: null }],
    })
  })

  it('changes what a key is for', () => {
    const city = bench()
    update(city, { add: [aliceKey(city, 'k2')] })
    expect(codeOf(update(city, { relations: [{ kid: 'k1', rel: 1 }] }))).toBe(null)
    expect(findKey(city.view, alice, 'k1')?.purposes).toBe(1)
  })

  it('can be done by a controller, and by nobody else', () => {
    const city = bench()
    expect(codeOf(update(city, { add: [aliceKey(city, 'k2')] }, bob))).toBe('IDENTITY_NOT_AUTHORIZED')
    update(city, { controller: [bob] })
    expect(update(city, { add: [aliceKey(city, 'k2')] }, bob).events[0]?.payload).toMatchObject({ by: bob, versionId: 3 })
  })

  it('IDENTITY_NOT_AUTHORIZED: a former controller is a stranger again', () => {
    const city = bench()
    update(city, { controller: [bob] })
    update(city, { controller: [] })
    expect(codeOf(update(city, { services: [] }, bob))).toBe('IDENTITY_NOT_AUTHORIZED')
  })

  it('IDENTITY_VERSION_CONFLICT: built on an older version', () => {
    const city = bench()
    update(city, { services: [] })
    expect(codeOf(update(city, { services: [], prevVersionId: 1 }))).toBe('IDENTITY_VERSION_CONFLICT')
  })

  it('IDENTITY_KEY_UNKNOWN: no live key of this name', () => {
    const city = bench()
    expect(codeOf(update(city, { revoke: ['nope'] }))).toBe('IDENTITY_KEY_UNKNOWN')
    update(city, { add: [aliceKey(city, 'k2')] })
    expect(codeOf(update(city, { revoke: ['k1', 'k1'] }))).toBe('IDENTITY_KEY_UNKNOWN')
    expect(codeOf(update(city, { revoke: ['k1'], relations: [{ kid: 'k1', rel: 1 }] }))).toBe('IDENTITY_KEY_UNKNOWN')
  })

  it('IDENTITY_LAST_INVOCATION_KEY: the last live key of purpose 8 neither goes nor loses it', () => {
    const city = bench()
    expect(codeOf(update(city, { revoke: ['k1'] }))).toBe('IDENTITY_LAST_INVOCATION_KEY')
    expect(codeOf(update(city, { relations: [{ kid: 'k1', rel: 3 }] }))).toBe('IDENTITY_LAST_INVOCATION_KEY')
    expect(codeOf(update(city, { revoke: ['k1'], add: [aliceKey(city, 'k2', 8)] }))).toBe(null)
  })

  it('IDENTITY_KEY_REUSED: neither key nor name returns, under any name or key', () => {
    const city = bench()
    update(city, { add: [aliceKey(city, 'k2')], revoke: ['k1'] })
    expect(codeOf(update(city, { add: [keyFor(city, alice, { kid: 'k3', name: 'alice', rel: 11 })] }))).toBe(
      'IDENTITY_KEY_REUSED',
    )
    expect(codeOf(update(city, { add: [keyFor(city, alice, { kid: 'k1', name: 'fresh', rel: 11 })] }))).toBe(
      'IDENTITY_KEY_REUSED',
    )
    expect(codeOf(update(city, { add: [keyFor(city, alice, { kid: 'k4', name: 'alice-k2', rel: 1 })] }))).toBe(
      'IDENTITY_KEY_REUSED',
    )
  })

  it('IDENTITY_KEYS_FULL: at most 16 live keys', () => {
    const city = bench()
    const fifteen = Array.from({ length: 15 }, (_, i) => aliceKey(city, `x${i}`, 1))
    expect(codeOf(update(city, { add: fifteen }))).toBe(null)
    expect(codeOf(update(city, { add: [aliceKey(city, 'y', 1)] }))).toBe('IDENTITY_KEYS_FULL')
    expect(codeOf(update(city, { add: [aliceKey(city, 'y', 1)], revoke: ['x0'] }))).toBe(null)
  })

  it('IDENTITY_RELATION_INVALID: an ED25519 key never agrees, a key has a purpose', () => {
    expect(codeOf(update(bench(), { relations: [{ kid: 'k1', rel: 12 }] }))).toBe('IDENTITY_RELATION_INVALID')
    expect(codeOf(update(bench(), { relations: [{ kid: 'k1', rel: 0 }] }))).toBe('IDENTITY_RELATION_INVALID')
  })

  it('IDENTITY_UPDATE_EMPTY: changes something', () => {
    expect(codeOf(update(bench(), {}))).toBe('IDENTITY_UPDATE_EMPTY')
  })

  it('IDENTITY_DID_UNKNOWN: there is no such DID', () => {
    const city = bench()
    const stranger = idFor(city, 'new')
    expect(codeOf(update(city, { did: stranger, services: [] }))).toBe('IDENTITY_DID_UNKNOWN')
    expect(requireActive(city.view, stranger)?.code).toBe('IDENTITY_DID_UNKNOWN')
    expect(city.ask(getKeys, { did: TEXT.formatAddress(stranger) })).toBe('IDENTITY_DID_UNKNOWN')
  })

  it('IDENTITY_STATE_INVALID: a DID that is not ACTIVE is not changed and its keys are not live', () => {
    const city = bench()
    dids.set(city.view, alice, { ...dids.mustGet(city.view, alice), status: 'SUSPENDED', controller: [bob] })
    expect(codeOf(update(city, { services: [] }, bob))).toBe('IDENTITY_STATE_INVALID')
    expect(requireActive(city.view, alice)?.code).toBe('IDENTITY_STATE_INVALID')
    expect(requireActive(city.view, bob)).toBe(null)
    expect(findKey(city.view, alice, 'k1')?.live).toBe(false)
  })
})

describe('identity.did.rotate', () => {
  it('replaces the last key of purpose 8 in one step', () => {
    const city = bench()
    const { events } = rotate(city, 'k1', aliceKey(city, 'k2'))
    expect(events.map(({ name }) => name)).toEqual(['identity.didUpdated', 'identity.keyRevoked'])
    expect([findKey(city.view, alice, 'k1')?.live, findKey(city.view, alice, 'k2')?.live]).toEqual([false, true])
    expect(codeOf(rotate(city, 'k1', aliceKey(city, 'k3')))).toBe('IDENTITY_KEY_UNKNOWN')
    expect(codeOf(rotate(city, 'k2', aliceKey(city, 'k3', 1)))).toBe('IDENTITY_LAST_INVOCATION_KEY')
  })

  it('goes on for ever: keys that leave the full record still never return', () => {
    const city = bench()
    let last = 'k1'
    for (let i = 0; i < 40; i++) {
      city.advance(1_000)
      expect(codeOf(rotate(city, last, aliceKey(city, `r${i}`)))).toBe(null)
      last = `r${i}`
    }
    expect(readDid(city.view, alice)).toMatchObject({ versionId: 41 })
    expect(readDid(city.view, alice)?.keys.map((key) => key.kid)).toEqual(Array.from({ length: 16 }, (_, i) => `r${24 + i}`))
    expect(retiredKeys.has(city.view, { did: alice, mark: toHex(signerOf('alice').publicKey) })).toBe(true)
    expect(codeOf(rotate(city, last, keyFor(city, alice, { kid: 'new', name: 'alice', rel: 11 })))).toBe('IDENTITY_KEY_REUSED')
    expect(codeOf(rotate(city, last, keyFor(city, alice, { kid: 'r0', name: 'fresh', rel: 11 })))).toBe('IDENTITY_KEY_REUSED')
    expect(city.broken()).toEqual([])
  })
})

describe('identity_resolve', () => {
  it('gives the W3C document and metadata', () => {
    const city = bench()
    const id = didOf(alice)
    const resolved = city.ask(resolve, { did: id })
    expect(resolved).toEqual({
      didDocument: {
        '@context': ['https://www.w3.org/ns/did/v1', 'https://w3id.org/security/multikey/v1'],
        id,
        verificationMethod: [
          {
            id: `${id}#k1`,
            type: 'Multikey',
            controller: id,
            publicKeyMultibase: expect.stringMatching(/^z6Mk[1-9A-HJ-NP-Za-km-z]{44}$/),
          },
        ],
        authentication: [`${id}#k1`],
        assertionMethod: [`${id}#k1`],
        capabilityInvocation: [`${id}#k1`],
      },
      didResolutionMetadata: { contentType: 'application/did+ld+json' },
      didDocumentMetadata: {
        created: '2026-11-23T00:00:00Z',
        updated: '2026-11-23T00:00:00Z',
        deactivated: false,
        versionId: '1',
        status: 'ACTIVE',
      },
    })
    expect(ResolutionSchema.toJson(fromJson(ResolutionSchema, resolved, TEXT), TEXT)).toEqual(resolved)
  })

  it('writes keys as Multikey, as the published did:key vectors have them', () => {
    // did:key of the all-zero seed and the X25519 key derived from it (W3C CCG did-method-key).
    const ed25519 = { type: 'ED25519' as const, pub: createSigner(new Uint8Array(32)).publicKey }
    const x25519 = { type: 'X25519' as const, pub: fromHex('5bf55c73b82ebe22be80f3430667af570fae2556a6415e6b30d4065300aa947d') }
    expect(formatMultikey(ed25519)).toBe('z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp')
    expect(formatMultikey(x25519)).toBe('z6LShs9GGnqk85isEBzzshkuVWrVKsRp24GnDuHk8QWkARMW')
  })

  it('resolves a version by number or time, with what came next', () => {
    const city = bench()
    const start = city.block().time
    city.advance(10_000)
    update(city, { add: [aliceKey(city, 'k2')] })
    city.advance(10_000)
    update(city, { revoke: ['k1'] })
    const first = city.ask(resolve, { did: textOf('alice'), versionId: 1 })
    expect(first).toMatchObject({
      didDocumentMetadata: { versionId: '1', nextUpdate: '2026-11-23T00:00:10Z', nextVersionId: '2' },
    })
    const at = (versionTime: string) =>
      (city.ask(resolve, { did: textOf('alice'), versionTime }) as { didDocumentMetadata: { versionId?: string } })
        .didDocumentMetadata.versionId
    expect(['2026-11-22T23:59:59Z', '2026-11-23T00:00:00Z', '2026-11-23T00:00:09Z', '2026-11-23T00:00:10Z'].map(at)).toEqual([
      undefined,
      '1',
      '1',
      '2',
    ])
    expect(at('2026-11-23T00:00:20Z')).toBe('3')
    expect(readDidAt(city.view, alice, start + 19_999)?.versionId).toBe(2)
  })

  it('IDENTITY_VERSION_UNKNOWN, or notFound, for what never was', () => {
    const city = bench()
    const notFound = { didDocument: null, didResolutionMetadata: { error: 'notFound' }, didDocumentMetadata: {} }
    expect(city.ask(resolve, { did: TEXT.formatAddress(idFor(city, 'new')) })).toEqual(notFound)
    expect(city.ask(resolve, { did: textOf('alice'), versionId: 2 })).toEqual(notFound)
    expect(city.ask(getKeys, { did: textOf('alice'), versionId: 2 })).toBe('IDENTITY_VERSION_UNKNOWN')
  })
})

describe('the identity room', () => {
  it('refuses a genesis document with a DID twice, without an acting key, with a weak key or an unknown class', () => {
    const twist = (change: (dids: Record<string, unknown>[]) => void) => () => {
      const document = genesisDocument()
      change((document.rooms as { identity: { dids: Record<string, unknown>[] } }).identity.dids)
      return createRoomBench(REGISTRY, document)
    }
    const first = (list: Record<string, unknown>[]): Record<string, unknown> => list[0] as Record<string, unknown>
    const weak = `0x01${'00'.repeat(31)}`
    expect(twist((list) => list.push(first(list)))).toThrow('identity.dids[17].account: stands in the list twice')
    expect(twist((list) => Object.assign(first(list), { keys: [] }))).toThrow('identity.dids[0].keys: IDENTITY_KEYSET_INVALID')
    expect(twist((list) => Object.assign(first(list), { creditClass: 3 }))).toThrow('identity.dids[0].creditClass: 3')
    const keys = [{ kid: 'k', publicKey: weak, purposes: 11 }]
    expect(twist((list) => Object.assign(first(list), { keys }))).toThrow('identity.dids[0].keys: a public key is not canonical')
  })

  it('notices gaps between versions, returned keys and DIDs that nobody can change', () => {
    const city = bench()
    update(city, { add: [aliceKey(city, 'k2')] })
    update(city, { revoke: ['k1'] })
    const record = dids.mustGet(city.view, alice)
    dids.set(city.view, alice, { ...record, versionId: 5 })
    expect(city.broken()).toEqual([`${alice}: version 5 stands in place 3`])
    dids.set(city.view, alice, { ...record, keys: [] })
    expect(city.broken()).toEqual([`${alice}: no live key of purpose 8`])
  })
})
