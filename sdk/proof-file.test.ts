// Owns: tests of proof files: one text per proof, no idle character. Not here: what a proof must show (verify.test.ts).
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CodecError } from '../core/base/errors.ts'
import { createTinyChain } from '../test/helpers/tiny-chain.ts'
import { decodeProof, encodeStateProof, encodeTransactionProof, formatProof, parseProof } from './proof-file.ts'
import type { Proof } from './proof-file.ts'
import { verifyReceiptBundle } from './receipt-bundle.ts'
import { STATE_KEYS } from './records.ts'
import { transfer } from './rooms.ts'
import { buildTransaction, signTransaction } from './transaction.ts'
import { trustFromGenesis } from './trust.ts'
import { verifyStateProof, verifyTransactionProof } from './verify.ts'
import { createWallet } from './wallet.ts'

const tiny = createTinyChain()
const { chain } = tiny
const trust = trustFromGenesis(tiny.genesisJson)
const wallet = createWallet({ seed: tiny.account('citizen-1').seed, keyId: 'k1', network: 'devnet' })
const to = tiny.account('citizen-2').id
const payments = [0n, 1n, 2n].map((nonce) =>
  signTransaction(
    buildTransaction({
      chain,
      sender: wallet.account,
      keyId: 'k1',
      nonce,
      validUntil: 50,
      ...transfer(chain, { to, amount: 10n + nonce }),
    }),
    wallet,
  ),
)
const block = tiny.commitBlock(payments)
const proofs: Readonly<Record<string, Proof>> = {
  'a record': { kind: 'state', ...tiny.proveState(block, STATE_KEYS.balance(wallet.account)) },
  'an absent record': { kind: 'state', ...tiny.proveState(block, 'payment/account/nobody') },
  'a transaction': { kind: 'transaction', ...tiny.proveTransaction(block, 1) },
}

/** Whether the text passes for a proof of anything. */
function passes(text: string): boolean {
  try {
    const proof = parseProof(text)
    if (proof.kind === 'receipt') return verifyReceiptBundle({ from: trust, proof }).ok
    return (proof.kind === 'state' ? verifyStateProof({ trust, proof }) : verifyTransactionProof({ trust, proof })).ok
  } catch (cause) {
    if (cause instanceof CodecError) return false
    throw cause
  }
}

for (const [name, proof] of Object.entries(proofs)) {
  const text = formatProof(proof)

  describe(`the file of ${name}`, () => {
    test('gives back the proof and verifies', () => {
      expect(formatProof(parseProof(text))).toBe(text)
      expect(decodeProof(JSON.parse(text))).toEqual(parseProof(text))
      expect(passes(text)).toBe(true)
    })

    test('is refused with any one character changed, dropped or doubled', () => {
      for (let at = 0; at < text.length; at++) {
        const [before, char, after] = [text.slice(0, at), text[at] ?? '', text.slice(at + 1)]
        const others = [char === '0' ? '1' : '0', char === 'a' ? 'b' : 'a', ' ', '"', char.toUpperCase(), '', char + char]
        for (const other of others) {
          if (other === char) continue
          if (passes(before + other + after)) throw new Error(`${JSON.stringify(char)} at ${at} may be ${JSON.stringify(other)}`)
        }
      }
    })

    test('is refused under any change that leaves the JSON the same', () => {
      const json = JSON.parse(text) as object
      const reversed = Object.fromEntries(Object.entries(json).reverse())
      for (const other of [JSON.stringify(json), `${text}\n`, ` ${text}`, text.trim(), text.replaceAll('\n', '\r\n')])
        expect(passes(other)).toBe(false)
      expect(passes(`${JSON.stringify(reversed, null, 2)}\n`)).toBe(false)
      expect(passes(text.replace('"naru', '"\\u006earu'))).toBe(false)
    })

    test('is refused, never with a surprise, after random cuts and pastes', () => {
      const place = fc.nat({ max: text.length - 1 })
      fc.assert(
        fc.property(place, place, place, (from, to, at) => {
          const changed = text.slice(0, at) + text.slice(Math.min(from, to), Math.max(from, to)) + text.slice(at)
          expect(passes(changed)).toBe(changed === text)
        }),
        { numRuns: 300 },
      )
    })
  })
}

describe('a proof file', () => {
  const state = proofs['a record'] as Proof & { kind: 'state' }

  test('names its version, its kind and its chain', () => {
    expect(encodeStateProof(state)).toMatchObject({
      version: 1,
      kind: 'state',
      chainId: 'naru-devnet-1',
      genesisHash: `0x${chain.genesisHash}`,
      key: STATE_KEYS.balance(wallet.account),
    })
    expect(encodeTransactionProof(tiny.proveTransaction(block, 2))).toMatchObject({
      kind: 'transaction',
      txPath: { index: 2, count: 3 },
    })
  })

  test('of an unknown version, kind or form is refused with the reason', () => {
    const file = encodeStateProof(state)
    const reason = (json: unknown): string => {
      try {
        decodeProof(json)
      } catch (cause) {
        return (cause as Error).message
      }
      return 'accepted'
    }
    expect(reason({ ...file, version: 2 })).toBe('version: expected 1, got 2')
    expect(reason({ ...file, kind: 'bill' })).toBe('kind: expected state, transaction or receipt, got "bill"')
    expect(reason({ ...file, note: '' })).toMatch(/has the fields version, kind/)
    const { commit: _, ...rest } = file
    expect(reason(rest)).toMatch(/has the fields/)
    expect(reason({ ...file, header: 'AB' })).toMatch(/^header: expected 0x/)
    expect(reason({ ...file, key: 7 })).toBe('key: expected text')
    expect(reason({ ...encodeTransactionProof(tiny.proveTransaction(block, 0)), txPath: { index: 0 } })).toBe(
      'txPath: expected index, count and siblings',
    )
    for (const other of [null, [], 'x', 7]) expect(reason(other)).toBe('a proof file is a JSON object')
    expect(() => parseProof('{')).toThrow('this text is not')
    expect(reason({ ...file, chainId: 'naru-devnet-2' })).toMatch(/^digest: .* was changed/)
  })
})
