import { describe, expect, it } from 'vitest'
import { accountOf, signerOf } from '../../test/room-bench.ts'
import { verifySignature } from '../crypto/keys.ts'
import { asHash32 } from '../base/ids.ts'
import { checkRecovery, firstRoundAt, recoveryHashOf, recoverySigningBytes } from './recovery.ts'
import type { Recovery, RecoveryContent } from './recovery.ts'

const seat = (name: string) => ({
  authority: accountOf(name),
  publicKey: signerOf(`consensus-${name}`).publicKey,
  name,
  peerId: `peer-${name}`,
  addresses: [],
})
const content: RecoveryContent = {
  chainId: 'naru-bench',
  genesisHash: asHash32('0a'.repeat(32)),
  height: 7,
  blockId: asHash32('0b'.repeat(32)),
  firstRound: 100,
  validators: ['v1', 'v2', 'v3', 'v4'].map(seat),
}
const keys = ['root-1', 'root-2', 'root-3'].map(signerOf)
const roots = { threshold: 2, keys: keys.map(({ publicKey }) => publicKey) }

function sign(said: RecoveryContent, by = keys.slice(0, 2)): Recovery {
  const message = recoverySigningBytes(said)
  return { content: said, signatures: by.map(({ publicKey, sign: signBy }) => ({ publicKey, signature: signBy(message) })) }
}

const check = (recovery: Recovery, over: Partial<Parameters<typeof checkRecovery>[0]> = {}) => {
  const { chainId, genesisHash } = content
  return checkRecovery({ chainId, genesisHash, roots, validatorsMin: 4, recovery, checkSignature: verifySignature, ...over })
}

describe('a recovery', () => {
  it('holds with enough signatures, and has one hash whoever signed', () => {
    expect(check(sign(content))).toBeNull()
    expect(check(sign(content, keys))).toBeNull()
    expect(recoveryHashOf(content)).not.toBe(recoveryHashOf({ ...content, firstRound: 101 }))
  })

  it.each<[string, Recovery, Parameters<typeof check>[1]]>([
    ['RECOVERY_WRONG_CHAIN', sign({ ...content, chainId: 'naru-other' }), {}],
    ['RECOVERY_NO_ROOTS', sign(content), { roots: null }],
    ['RECOVERY_SET_TOO_SMALL', sign({ ...content, validators: [] }), { validatorsMin: 0 }],
    ['RECOVERY_SET_TOO_SMALL', sign(content), { validatorsMin: 5 }],
    ['RECOVERY_SET_INVALID', sign({ ...content, validators: [...content.validators, { ...seat('v5'), name: 'v1' }] }), {}],
    ['RECOVERY_WRONG_HEIGHT', sign({ ...content, height: 0 }), {}],
    ['RECOVERY_UNKNOWN_KEY', sign(content, [signerOf('nobody')]), {}],
    ['RECOVERY_DUPLICATE_SIGNER', sign(content, [...keys.slice(0, 1), ...keys.slice(0, 1)]), {}],
    ['RECOVERY_BAD_SIGNATURE', { ...sign(content), content: { ...content, height: 8 } }, {}],
    ['RECOVERY_TOO_FEW_SIGNATURES', sign(content, keys.slice(1, 2)), {}],
  ])('%s does not', (code, recovery, over) => {
    expect(check(recovery, over)).toMatchObject({ code })
  })

  it('begins only the height after its block in a later round', () => {
    const recovery = sign(content)
    expect([7, 8, 9].map((height) => firstRoundAt(recovery, height))).toEqual([0, 100, 0])
    expect(firstRoundAt(null, 8)).toBe(0)
  })
})
