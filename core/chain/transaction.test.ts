// Owns: the envelope's bytes, id, what is signed, and every malformed form. Not here: checks against a state (core/execution).
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concatBytes, fromHex, toHex, utf8ToBytes } from '../base/bytes.ts'
import { CodecError } from '../base/errors.ts'
import { asAddress } from '../base/ids.ts'
import { LIMITS } from '../base/limits.ts'
import { packPlain } from '../codec/msgpack.ts'
import { createSigner, verifySignature } from '../crypto/keys.ts'
import { SIGN_TAGS, signingBytes } from './signing.ts'
import { assembleTransaction, decodeTransaction, payerOf, TX_VERSION, txSigningBytes } from './transaction.ts'
import type { TxBody } from './transaction.ts'

const SENDER = asAddress('11'.repeat(20))
const SPONSOR = asAddress('22'.repeat(20))
const BODY: TxBody = {
  version: TX_VERSION,
  chainTag: fromHex('0102030405060708'),
  type: 0x0305,
  sender: SENDER,
  keyId: 'k1',
  lane: 0,
  nonce: 7n,
  validUntil: 600,
  payload: fromHex('90'),
  sponsor: null,
}
const BODY_HEX = `9a01c4080102030405060708cd0305c414${SENDER}a26b3100d30000000000000007d30000000000000258c40190c0`
const signer = createSigner(new Uint8Array(32).fill(1))
const signed = (body: TxBody) => assembleTransaction(body, [signer.sign(txSigningBytes(body))])
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

describe('a transaction', () => {
  it('is a signed tuple and its signatures, its id the hash of what is signed', () => {
    const tx = signed(BODY)
    const signedBytes = concatBytes(Uint8Array.of(0, 10), utf8ToBytes('naru/tx/v1'), fromHex(BODY_HEX))
    expect(toHex(txSigningBytes(BODY))).toBe(toHex(signedBytes))
    expect(toHex(tx.signBytes)).toBe(toHex(signedBytes))
    expect(tx.id).toBe(sha256(signedBytes))
    expect(tx.wireHash).toBe(sha256(tx.bytes))
    expect(toHex(tx.bytes)).toBe(
      `92c4${(BODY_HEX.length / 2).toString(16)}${BODY_HEX}91c440${toHex(tx.signatures[0] as Uint8Array)}`,
    )
    expect(
      verifySignature({ publicKey: signer.publicKey, message: tx.signBytes, signature: tx.signatures[0] as Uint8Array }),
    ).toBe(true)
  })

  it('is read back whole', () => {
    const tx = signed(BODY)
    expect(decodeTransaction(tx.bytes)).toEqual(tx)
  })

  it('keeps its id whatever its signatures are, but not its wire hash', () => {
    const [a, b] = [new Uint8Array(64), new Uint8Array(64).fill(1)].map((signature) => assembleTransaction(BODY, [signature]))
    expect(a?.id).toBe(b?.id)
    expect(a?.wireHash).not.toBe(b?.wireHash)
  })

  it('changes its id and sign bytes with every field', () => {
    const others: readonly Partial<TxBody>[] = [
      { version: 2 },
      { chainTag: fromHex('0102030405060709') },
      { type: 0x0304 },
      { sender: SPONSOR },
      { keyId: 'k2' },
      { lane: 1 },
      { nonce: 8n },
      { validUntil: 601 },
      { payload: fromHex('9100') },
      { sponsor: { account: SPONSOR, keyId: 'k1' } },
      { sponsor: { account: SPONSOR, keyId: 'k2' } },
    ]
    const ids = [BODY, ...others.map((other) => ({ ...BODY, ...other }))].map((body) => assembleTransaction(body, []).id)
    expect(new Set(ids).size).toBe(others.length + 1)
    expect(others.map((other) => Object.keys(other)[0])).toEqual(expect.arrayContaining(Object.keys(BODY)))
  })

  it('is paid by its sponsor where it has one', () => {
    expect(payerOf(BODY)).toBe(SENDER)
    expect(payerOf({ ...BODY, sponsor: { account: SPONSOR, keyId: 'k1' } })).toBe(SPONSOR)
  })

  it('of the largest size fits, one byte more does not', () => {
    const frame = signed({ ...BODY, payload: new Uint8Array(LIMITS.payloadBytesMax) })
    expect(frame.bytes.length).toBeLessThan(LIMITS.txBytesMax)
    expect(decodeTransaction(frame.bytes).body.payload.length).toBe(60_000)
    expect(() => signed({ ...BODY, payload: new Uint8Array(LIMITS.payloadBytesMax + 1) })).toThrow(CodecError)
    expect(() => decodeTransaction(new Uint8Array(LIMITS.txBytesMax + 1))).toThrow(
      new CodecError('65537 bytes, at most 65536 allowed'),
    )
  })
})

describe('bytes from outside', () => {
  const wire = (body: Uint8Array, signatures: readonly Uint8Array[]): Uint8Array => packPlain([body, signatures])
  const SIGNATURE = new Uint8Array(64)
  const refused = (bytes: Uint8Array, message: string): void =>
    expect(() => decodeTransaction(bytes)).toThrow(new CodecError(message))

  it('of another version are refused', () => {
    refused(wire(fromHex(BODY_HEX.replace('9a01', '9a02')), [SIGNATURE]), 'transaction version 2, this node knows 1')
    refused(wire(fromHex(BODY_HEX.replace('9a01', '9a00')), [SIGNATURE]), 'transaction version 0, this node knows 1')
  })

  it('have one signature, and with a sponsor two', () => {
    const sponsored = { ...BODY, sponsor: { account: SPONSOR, keyId: 'k1' } }
    refused(assembleTransaction(BODY, []).bytes, '0 signatures, expected 1')
    refused(assembleTransaction(BODY, [SIGNATURE, SIGNATURE]).bytes, '2 signatures, expected 1')
    refused(assembleTransaction(sponsored, [SIGNATURE]).bytes, '1 signatures, expected 2')
    refused(assembleTransaction(sponsored, [SIGNATURE, SIGNATURE, SIGNATURE]).bytes, '3 signatures, expected 2')
    refused(
      wire(fromHex(BODY_HEX), new Array<Uint8Array>(5).fill(SIGNATURE)),
      'wire: expected a list of at most 4 items, got an array',
    )
    expect(decodeTransaction(assembleTransaction(sponsored, [SIGNATURE, SIGNATURE]).bytes).body).toEqual(sponsored)
  })

  it('of signatures of another length are refused', () => {
    refused(wire(fromHex(BODY_HEX), [new Uint8Array(63)]), 'wire: expected 64 bytes, got 63 bytes')
  })

  it('of a body that is not canonical are refused, though the wrapping is', () => {
    const nonceAsNumber = BODY_HEX.replace('d30000000000000007', '07')
    refused(wire(fromHex(nonceAsNumber), [SIGNATURE]), 'wire: expected a 64-bit integer, got 7')
    refused(
      wire(fromHex(BODY_HEX.replace('cd0305', 'ce00000305')), [SIGNATURE]),
      'a length or integer in a longer form than needed',
    )
    refused(wire(fromHex(`${BODY_HEX}00`), [SIGNATURE]), '1 bytes left over after the value')
    refused(wire(fromHex(BODY_HEX.slice(0, -2)), [SIGNATURE]), 'cut short')
    refused(
      wire(fromHex(BODY_HEX.replace('9a', '9b').concat('c0')), [SIGNATURE]),
      'wire: expected a tuple of 10 fields, got an array',
    )
  })

  it('that follow a whole transaction are refused', () => {
    const { bytes } = signed(BODY)
    refused(concatBytes(bytes, Uint8Array.of(0)), '1 bytes left over after the value')
    for (let length = 0; length < bytes.length; length++)
      expect(() => decodeTransaction(bytes.subarray(0, length))).toThrow(CodecError)
  })

  it('with one byte changed are refused, or another transaction, or the same with a signature that does not verify', () => {
    const tx = signed(BODY)
    let decoded = 0
    fc.assert(
      fc.property(fc.nat(tx.bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const bytes = tx.bytes.slice()
        bytes[at] = (bytes[at] as number) ^ flip
        try {
          const other = decodeTransaction(bytes)
          decoded += 1
          expect(other.wireHash).not.toBe(tx.wireHash)
          const signature = other.signatures[0] as Uint8Array
          expect(verifySignature({ publicKey: signer.publicKey, message: other.signBytes, signature })).toBe(false)
        } catch (cause) {
          if (!(cause instanceof CodecError)) throw cause
        }
      }),
      { numRuns: 2_000 },
    )
    expect(decoded).toBeGreaterThan(1_000)
  })
})

describe('sign bytes', () => {
  it('start with their tag and its length, so that no two kinds share a byte string', () => {
    const body = fromHex('c0')
    const all = Object.values(SIGN_TAGS).map((tag) => signingBytes(tag, body))
    expect(new Set(all.map(toHex)).size).toBe(Object.keys(SIGN_TAGS).length)
    for (const a of all) for (const b of all) if (a !== b) expect(toHex(a).startsWith(toHex(b))).toBe(false)
    expect(toHex(signingBytes('naru/tx/v1', body))).toBe('000a6e6172752f74782f7631c0')
  })
})
