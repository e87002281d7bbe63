// Owns: the genesis document: paths of errors, its hash, the first state. Not here: the rooms' own rules (modules).
import { describe, expect, it } from 'vitest'
import { toHex } from '../base/bytes.ts'
import { CodecError } from '../base/errors.ts'
import { CITY_REGISTRY } from '../../test/helpers/city-registry.ts'
import { accountOf, genesisDocument, NAMES, signerOf, textOf } from '../../test/room-bench.ts'
import { formatDid } from '../crypto/address.ts'
import { accounts } from '../state/accounts.ts'
import { initGenesis, parseGenesis, textContextOf } from './init-genesis.ts'

type Document = {
  chainId: unknown
  network: unknown
  time: unknown
  rooms: Record<string, Record<string, unknown>>
}
const document = (): Document => JSON.parse(JSON.stringify(genesisDocument())) as Document
const changed = (change: (copy: Document) => void): Document => {
  const copy = document()
  change(copy)
  return copy
}
const refused = (change: (copy: Document) => void, message: string | RegExp): void => {
  const parse = () => initGenesis(CITY_REGISTRY, parseGenesis(CITY_REGISTRY, changed(change)))
  expect(parse).toThrow(CodecError)
  expect(parse).toThrow(message)
}
const section = (copy: Document, room: string): Record<string, unknown> => copy.rooms[room] ?? {}
const reversed = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(reversed)
    : typeof value === 'object' && value !== null
      ? Object.fromEntries(
          Object.entries(value)
            .reverse()
            .map(([key, inner]) => [key, reversed(inner)]),
        )
      : value

describe('a genesis document', () => {
  it('gives chain, network, time and a section per room', () => {
    const genesis = parseGenesis(CITY_REGISTRY, document())
    expect(genesis).toMatchObject({ chainId: 'naru-bench', network: 'devnet', time: 1_795_392_000_000 })
    expect([...genesis.sections.keys()]).toEqual(['governance', 'identity', 'payment', 'points'])
    expect(genesis.hash).toMatch(/^[0-9a-f]{64}$/)
  })

  it('has the same hash whatever the order of its keys', () => {
    expect(parseGenesis(CITY_REGISTRY, reversed(document())).hash).toBe(parseGenesis(CITY_REGISTRY, document()).hash)
  })

  it('has the same hash with an account as bech32m or as DID text', () => {
    const asDid = changed((copy) => {
      const text = JSON.stringify(copy.rooms).replaceAll(textOf('alice'), formatDid(accountOf('alice'), 3))
      copy.rooms = JSON.parse(text) as Document['rooms']
    })
    expect(JSON.stringify(asDid)).toContain('did:seoul:03:')
    expect(parseGenesis(CITY_REGISTRY, asDid).hash).toBe(parseGenesis(CITY_REGISTRY, document()).hash)
  })

  it('has a hash that changes with each of its parts', () => {
    const changes: readonly ((copy: Document) => void)[] = [
      () => undefined,
      (copy) => (copy.chainId = 'naru-bench2'),
      (copy) => (copy.time = 1_795_392_000_001),
      (copy) => (section(copy, 'payment')['accounts'] = []),
      (copy) => (section(copy, 'identity')['dids'] = []),
      (copy) => (section(copy, 'governance')['roles'] = []),
      (copy) => ((section(copy, 'governance')['params'] as Record<string, number>)['heartbeatMs'] = 999),
      (copy) => (section(copy, 'payment')['banks'] as unknown[]).reverse(),
    ]
    const hashes = changes.map((change) => parseGenesis(CITY_REGISTRY, changed(change)).hash)
    expect(new Set(hashes).size).toBe(changes.length)
  })

  it('has another hash on another network', () => {
    const onTest = changed((copy) => {
      copy.network = 'test'
      const texts = JSON.stringify(copy.rooms).replaceAll(/narud1[a-z0-9]+/g, (text) => {
        const account = textContextOf('devnet').parseAddress(text)
        return account === null ? text : textContextOf('test').formatAddress(account)
      })
      copy.rooms = JSON.parse(texts) as Document['rooms']
    })
    expect(parseGenesis(CITY_REGISTRY, onTest).network).toBe('test')
    expect(parseGenesis(CITY_REGISTRY, onTest).hash).not.toBe(parseGenesis(CITY_REGISTRY, document()).hash)
  })
})

describe('a wrong genesis document', () => {
  it.each([null, [], 'genesis', 5])('%j is none', (json) => {
    expect(() => parseGenesis(CITY_REGISTRY, json)).toThrow(new CodecError('$: expected an object'))
  })

  it('is refused with the path of what is wrong', () => {
    refused(
      (copy) => (copy.chainId = 'not a code'),
      '$.chainId: expected 1 to 32 characters of A-Z a-z 0-9 _ . -, got "not a code"',
    )
    refused((copy) => (copy.chainId = undefined), '$.chainId: expected 1 to 32 characters')
    refused((copy) => (copy.time = '1795392000000'), '$.time: expected an integer from 0 to 2^53-1, got "1795392000000"')
    refused((copy) => (copy.network = 'mainnet'), '$.network: expected city, test or devnet')
    refused((copy) => (copy.network = 'toString'), '$.network: expected city, test or devnet')
    refused((copy) => (copy.rooms = [] as never), '$.rooms: expected an object')
    refused(
      (copy) => delete copy.rooms['payment'],
      '$.rooms.payment: expected an object with banks, accounts, merchants, got nothing',
    )
    refused((copy) => (copy.rooms['pay'] = {}), '$.rooms.pay: no room of this name takes a genesis section')
    refused((copy) => (section(copy, 'payment')['fees'] = 1), '$.rooms.payment.fees: expected one of banks, accounts, merchants')
    refused((copy) => {
      const [account] = section(copy, 'payment')['accounts'] as [{ amount: unknown }]
      account.amount = 500_000
    }, '$.rooms.payment.accounts[0].amount: expected a decimal string from 0 to 2^64-1, got 500000')
    refused((copy) => {
      const [, did] = section(copy, 'identity')['dids'] as [unknown, { account: unknown }]
      did.account = textContextOf('city').formatAddress(accountOf('alice'))
    }, '$.rooms.identity.dids[1].account: expected an account of this network')
  })

  it('is refused when it holds a field that nobody reads', () => {
    refused((copy) => Object.assign(copy, { params: {} }), '$.params: expected one of chainId, network, time, rooms')
  })

  it('is refused when its time is beyond what credits can count', () => {
    refused((copy) => (copy.time = 9_007_199_254_740_991), '$.time: expected at most 4102444800000')
  })

  it('is refused by the room that cannot begin with it', () => {
    refused((copy) => (section(copy, 'governance')['validators'] = []), 'governance.validators: at least one validator is needed')
    refused((copy) => {
      const validators = section(copy, 'governance')['validators'] as { publicKey: string }[]
      for (const validator of validators) validator.publicKey = `0x${toHex(signerOf('one').publicKey)}`
    }, 'governance.validators: a consensus key stands in the set once')
  })
})

describe('the first state', () => {
  it('is the same for everyone, sorted, and holds what the document says', () => {
    const genesis = parseGenesis(CITY_REGISTRY, document())
    const changes = initGenesis(CITY_REGISTRY, genesis)
    expect(changes).toEqual(initGenesis(CITY_REGISTRY, parseGenesis(CITY_REGISTRY, reversed(document()))))
    const keys = changes.map(({ key }) => key)
    expect(keys).toEqual([...keys].sort())
    expect(changes.every(({ value }) => value !== null)).toBe(true)
    expect(keys.filter((key) => key.startsWith('identity/did/'))).toHaveLength(NAMES.length)
    const records = new Map(changes.map(({ key, value }) => [key, value]))
    const view = { get: (key: string) => records.get(key) ?? null }
    expect(
      CITY_REGISTRY.readValidators(view)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['v1', 'v2', 'v3', 'v4'])
    expect(accounts.get(view, accountOf('bankA'))?.creditClass).toBe(2)
    expect(accounts.get(view, accountOf('alice'))).toBeNull()
    expect(CITY_REGISTRY.findKey(view, accountOf('alice'), 'k1')).toEqual({
      publicKey: signerOf('alice').publicKey,
      purposes: 11,
      live: true,
    })
  })
})
