import { describe, expect, it } from 'vitest'
import { answerToken, createTokenKeys, finishToken, requestToken, verifyToken } from './points-token.ts'

describe('the token of a survey', () => {
  it('is verified by the key that made it, and by no other; a forged or other input is none', () => {
    const [keys, others] = [createTokenKeys(), createTokenKeys()]
    const request = requestToken(new Uint8Array(32).fill(3))
    const token = finishToken(keys.publicKey, request, answerToken(keys, request.blinded))
    expect([verifyToken(keys, token), verifyToken(others, token)]).toEqual([true, false])
    expect(verifyToken(keys, { ...token, input: new Uint8Array(32).fill(4) })).toBe(false)
    expect(verifyToken(keys, { ...token, output: new Uint8Array(64) })).toBe(false)
  })

  it('hides its input: the same one is blinded otherwise each time', () => {
    const input = new Uint8Array(32).fill(3)
    expect(requestToken(input).blinded).not.toEqual(requestToken(input).blinded)
  })

  it('is refused where the operator evaluated with another key than the published one', () => {
    const [keys, others] = [createTokenKeys(), createTokenKeys()]
    const request = requestToken(new Uint8Array(32).fill(3))
    const marked = answerToken(others, request.blinded)
    expect(() => finishToken(keys.publicKey, request, marked)).toThrow()
  })
})
