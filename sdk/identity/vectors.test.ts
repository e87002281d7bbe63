// Owns: what the specifications' own examples say of our proofs, digests and status bits. Not here: credentials of this chain
// (credentials.test.ts).
import { readFileSync } from 'node:fs'
import { createPublicKey, verify } from 'node:crypto'
import { base58 } from '@scure/base'
import { SDJwtInstance } from '@sd-jwt/core'
import { compactVerify, importJWK, SignJWT } from 'jose'
import { expect, test } from 'vitest'
import { fromHex, toHex, utf8ToBytes } from '../../core/base/bytes.ts'
import { sha256Bytes } from '../../core/crypto/hash.ts'
import { createSigner } from '../../core/crypto/keys.ts'
import { addProof, canonicalJson, decodeMultibase, parseMultikey, proofBytes, verifyProof } from './data-integrity.ts'
import { encodeBase64url, fromJwk, isSignedBy, readToken, signToken, toJwk } from './jws.ts'
import { decodeStatusBits, encodeStatusBits, isStatusSet } from './status.ts'

const read = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../test/vectors/identity/${name}.json`, import.meta.url), 'utf8'))

const di = read('eddsa-jcs-2022')
const seed = decodeMultibase(di.secretKeyMultibase).subarray(2)

test('eddsa-jcs-2022: every intermediate value of the W3C example', () => {
  expect(canonicalJson(di.unsigned)).toBe(di.canonicalDocument)
  expect(toHex(sha256Bytes(di.canonicalDocument))).toBe(di.documentHash)
  expect(canonicalJson(di.proofConfig)).toBe(di.canonicalProofConfig)
  expect(toHex(sha256Bytes(di.canonicalProofConfig))).toBe(di.proofConfigHash)
  expect(toHex(proofBytes(di.unsigned, di.proofConfig))).toBe(di.combinedHash)
  expect(parseMultikey(di.publicKeyMultibase)).toEqual(createSigner(seed).publicKey)
})

test('eddsa-jcs-2022: our signature is the one of the W3C example, and its document verifies', () => {
  const { verificationMethod, created, proofPurpose } = di.proofConfig
  const secured = addProof(di.unsigned, { verificationMethod, created, proofPurpose, sign: createSigner(seed).sign })
  expect(secured).toEqual(di.signed)
  expect(toHex(base58.decode(String(secured.proof['proofValue']).slice(1)))).toBe(di.signature)
  expect(verifyProof(di.signed, { publicKey: parseMultikey(di.publicKeyMultibase) })).toEqual(di.unsigned)
})

test('eddsa-jcs-2022: a changed word, purpose, context or key is refused', () => {
  const publicKey = parseMultikey(di.publicKeyMultibase)
  const code = (document: object, expected = { publicKey }): string => {
    try {
      verifyProof(document as never, expected)
      return 'taken'
    } catch (error) {
      return (error as { code: string }).code
    }
  }
  expect(code(di.signed)).toBe('taken')
  expect(code({ ...di.signed, name: 'Another' })).toBe('CREDENTIAL_SIGNATURE')
  expect(code({ ...di.signed, '@context': ['https://www.w3.org/ns/credentials/v2'] })).toBe('CREDENTIAL_MALFORMED')
  expect(code({ ...di.signed, proof: { ...di.signed.proof, created: '2024-02-24T23:36:38Z' } })).toBe('CREDENTIAL_SIGNATURE')
  expect(code({ ...di.signed, proof: { ...di.signed.proof, proofPurpose: 'authentication' } })).toBe('CREDENTIAL_MALFORMED')
  expect(code({ ...di.signed, proof: [di.signed.proof] })).toBe('CREDENTIAL_MALFORMED')
  expect(code(di.unsigned)).toBe('CREDENTIAL_MALFORMED')
  expect(code(di.signed, { publicKey: createSigner(new Uint8Array(32).fill(1)).publicKey })).toBe('CREDENTIAL_SIGNATURE')
})

const rfc = read('rfc9901')

test('RFC 9901: the digest of every disclosure of its examples', () => {
  expect(rfc.digests).toHaveLength(12)
  for (const { disclosure, digest } of rfc.digests) expect(encodeBase64url(sha256Bytes(disclosure))).toBe(digest)
})

function rfcInstance() {
  const check = (jwk: object) => (data: string, signature: string) =>
    verify(
      'sha256',
      Buffer.from(data),
      { key: createPublicKey({ key: jwk as never, format: 'jwk' }), dsaEncoding: 'ieee-p1363' },
      Buffer.from(signature, 'base64url'),
    )
  return new SDJwtInstance<Record<string, unknown>>({
    hasher: (data) => sha256Bytes(typeof data === 'string' ? data : new Uint8Array(data)),
    hashAlg: 'sha-256',
    verifier: check(rfc.issuerJwk),
    kbVerifier: (data, signature, payload) => check(payload.cnf?.jwk as object)(data, signature),
  })
}

test('RFC 9901: the issued credential opens to the claims of the example', async () => {
  const { payload } = (await rfcInstance().verify(rfc.issuedSdJwt, { currentDate: rfc.at })) as {
    payload: Record<string, unknown>
  }
  const { cnf, iss, iat, exp, ...claims } = payload
  expect(claims).toEqual(rfc.allClaims)
  expect(cnf).toEqual({ jwk: rfc.holderJwk })
  expect([iss, iat, exp]).toEqual(['https://issuer.example.com', 1_683_000_000, 1_883_000_000])
})

test('RFC 9901: the presentation with key binding verifies for its nonce, and for no other', async () => {
  const options = { currentDate: rfc.at, keyBindingNonce: rfc.nonce }
  const { payload, kb } = (await rfcInstance().verify(rfc.presentedSdJwtKb, options)) as {
    payload: Record<string, unknown>
    kb: { payload: { aud: string } }
  }
  const { cnf: _cnf, iss: _iss, iat: _iat, exp: _exp, sub: _sub, ...claims } = payload
  expect(claims).toEqual(rfc.presentedClaims)
  expect(kb.payload.aud).toBe(rfc.audience)
  await expect(rfcInstance().verify(rfc.presentedSdJwtKb, { ...options, keyBindingNonce: '1' })).rejects.toThrow()
  const swapped = rfc.presentedSdJwtKb.replace('WyJsa2x4RjVqTVlsR1RQVW92TU5JdkNBIiwgIlVTIl0~', '')
  await expect(rfcInstance().verify(swapped, options)).rejects.toThrow()
})

test('our tokens and those of another JOSE library verify each other', async () => {
  const signer = createSigner(new Uint8Array(32).fill(9))
  const jwk = { ...toJwk(signer.publicKey), alg: 'EdDSA' }
  const ours = signToken({ header: { typ: 'x+jwt' }, claims: { iss: 'did:seoul:a', n: 1 }, sign: signer.sign })
  const { payload, protectedHeader } = await compactVerify(ours, await importJWK(jwk))
  expect(JSON.parse(new TextDecoder().decode(payload))).toEqual({ iss: 'did:seoul:a', n: 1 })
  expect(protectedHeader).toEqual({ alg: 'EdDSA', typ: 'x+jwt' })
  const secret = await importJWK({ ...jwk, d: encodeBase64url(new Uint8Array(32).fill(9)) })
  const theirs = await new SignJWT({ n: 2 }).setProtectedHeader({ alg: 'EdDSA', typ: 'x+jwt' }).sign(secret)
  const token = readToken(theirs, 'x+jwt')
  expect(token.claims).toEqual({ n: 2 })
  expect(isSignedBy(token, fromJwk(jwk))).toBe(true)
  expect(isSignedBy(token, createSigner(new Uint8Array(32).fill(8)).publicKey)).toBe(false)
})

test('a token of another type, algorithm or form is refused', () => {
  const sign = createSigner(new Uint8Array(32)).sign
  const forged = signToken({ header: { typ: 'x+jwt', alg: 'none' }, claims: {}, sign })
  expect(() => readToken(forged, 'x+jwt')).toThrow('signed by none')
  expect(() => readToken(signToken({ header: { typ: 'y+jwt' }, claims: {}, sign }), 'x+jwt')).toThrow('the token is y+jwt')
  expect(() => readToken('a.b', 'x+jwt')).toThrow('three parts')
  expect(() => readToken('e30=.e30.', 'x+jwt')).toThrow('no JSON object')
  expect(() => readToken(`${encodeBase64url(utf8ToBytes('[]'))}.e30.`, 'x+jwt')).toThrow('no JSON object')
})

const list = read('status-list')

test('Bitstring Status List: the list of the specification has 131,072 entries and none is set', async () => {
  const bits = await decodeStatusBits(list.encodedList)
  expect(bits.length * 8).toBe(list.entries)
  expect(bits.every((byte) => byte === 0)).toBe(true)
})

test('Bitstring Status List: index 0 is the left-most bit, and a list survives its encoding', async () => {
  const bits = new Uint8Array(16_384)
  for (const index of list.order.indexes)
    bits[Math.floor(index / 8)] = (bits[Math.floor(index / 8)] as number) | (0x80 >> (index % 8))
  for (const [at, byte] of Object.entries(list.order.bytes)) expect(toHex(bits.subarray(Number(at), Number(at) + 1))).toBe(byte)
  const encoded = await encodeStatusBits(bits)
  expect(encoded.startsWith('u')).toBe(true)
  expect(await decodeStatusBits(encoded)).toEqual(bits)
  for (const index of list.order.indexes) expect(isStatusSet(bits, index)).toBe(true)
  expect([1, 6, 9, 2046, 131_070].map((index) => isStatusSet(bits, index))).toEqual([false, false, false, false, false])
  expect(() => isStatusSet(bits, 131_072)).toThrow('outside')
})

test('an encodedList that unfolds beyond its bound is refused before it fills memory', async () => {
  const bomb = await encodeStatusBits(new Uint8Array(4_000_000))
  expect(bomb.length).toBeLessThan(6_000)
  await expect(decodeStatusBits(bomb)).rejects.toThrow('no gzip of at most 1048576 bytes')
  await expect(decodeStatusBits('zabc')).rejects.toThrow('begins with u')
  await expect(decodeStatusBits(`u${encodeBase64url(fromHex('00112233'))}`)).rejects.toThrow('no gzip')
})
