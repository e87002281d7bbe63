// Owns: the golden vectors of addresses, made by another program, and what their texts refuse. Not here: DID documents.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import vectors from '../../test/vectors/address.json' with { type: 'json' }
import { AssertionFault } from '../base/assert.ts'
import { fromHex, toHex } from '../base/bytes.ts'
import { asAddress, asHash32 } from '../base/ids.ts'
import { deriveAddress, formatAddress, formatDid, NETWORKS, type NetworkName, parseAddress, parseDid } from './address.ts'

const names = Object.keys(NETWORKS) as NetworkName[]
const arbitraryAddress = fc.uint8Array({ minLength: 20, maxLength: 20 }).map((bytes) => asAddress(toHex(bytes)))

describe('deriveAddress', () => {
  test('gives the golden addresses', () => {
    for (const { genesisHash, publicKey, nonce, address } of vectors.derived) {
      const input = { genesisHash: asHash32(genesisHash), publicKey: fromHex(publicKey), nonce: BigInt(nonce) }
      expect(deriveAddress(input)).toBe(address)
    }
  })

  test('stops on a key that is not 32 bytes and on a nonce that is no u64', () => {
    const genesisHash = asHash32('00'.repeat(32))
    expect(() => deriveAddress({ genesisHash, publicKey: new Uint8Array(33), nonce: 0n })).toThrow(AssertionFault)
    expect(() => deriveAddress({ genesisHash, publicKey: new Uint8Array(32), nonce: 1n << 64n })).toThrow(AssertionFault)
    expect(() => deriveAddress({ genesisHash, publicKey: new Uint8Array(32), nonce: -1n })).toThrow(AssertionFault)
  })
})

describe('address texts', () => {
  test('are the golden texts on every network, and parse back', () => {
    for (const { address, texts } of vectors.derived) {
      for (const name of names) {
        const { hrp, netId } = NETWORKS[name]
        expect(formatAddress(asAddress(address), hrp)).toBe(texts[name].bech32m)
        expect(formatDid(asAddress(address), netId)).toBe(texts[name].did)
        expect(parseAddress(texts[name].bech32m, hrp)).toBe(address)
        expect(parseDid(texts[name].did, netId)).toBe(address)
      }
    }
  })

  test('of one network are refused on every other', () => {
    for (const { texts } of vectors.derived) {
      for (const mine of names) {
        for (const other of names.filter((name) => name !== mine)) {
          expect(parseAddress(texts[mine].bech32m, NETWORKS[other].hrp)).toBeNull()
          expect(parseDid(texts[mine].did, NETWORKS[other].netId)).toBeNull()
        }
      }
    }
  })

  test('with capitals, raw hex, another checksum or another length are refused', () => {
    const text = vectors.derived[1]?.texts.city.bech32m ?? ''
    expect(parseAddress(text, 'naru')).toBe(vectors.derived[1]?.address)
    expect(parseAddress(text.toUpperCase(), 'naru')).toBeNull()
    expect(parseAddress(`naru1${text.slice(5).toUpperCase()}`, 'naru')).toBeNull()
    expect(parseAddress(vectors.derived[1]?.address ?? '', 'naru')).toBeNull()
    expect(parseAddress(`0x${vectors.derived[1]?.address}`, 'naru')).toBeNull()
    expect(parseAddress('', 'naru')).toBeNull()
    expect(parseAddress(` ${text}`, 'naru')).toBeNull()
    for (const refused of Object.values(vectors.refused)) expect(parseAddress(refused, 'naru')).toBeNull()
  })

  test('of a DID with capitals, another method or a broken checksum are refused', () => {
    const did = vectors.derived[1]?.texts.city.did ?? ''
    expect(parseDid(did, 1)).toBe(vectors.derived[1]?.address)
    expect(parseDid(did.toUpperCase(), 1)).toBeNull()
    expect(parseDid(did.replace('seoul', 'icon'), 1)).toBeNull()
    expect(parseDid(did.slice(0, -1), 1)).toBeNull()
    expect(parseDid(`${did}00`, 1)).toBeNull()
    expect(parseDid(`${did.slice(0, -1)}${did.endsWith('0') ? '1' : '0'}`, 1)).toBeNull()
    expect(() => parseDid(did, 256)).toThrow(AssertionFault)
  })

  test('change into a refusal when any one character changes', () => {
    fc.assert(
      fc.property(arbitraryAddress, fc.nat(), fc.constantFrom(...'qpzry9x8gf2tvdw0s3jn54khce6mua7l'), (address, at, symbol) => {
        const text = formatAddress(address, 'narud')
        expect(parseAddress(text, 'narud')).toBe(address)
        const place = 6 + (at % (text.length - 6))
        fc.pre(text[place] !== symbol)
        expect(parseAddress(`${text.slice(0, place)}${symbol}${text.slice(place + 1)}`, 'narud')).toBeNull()
      }),
    )
  })
})
