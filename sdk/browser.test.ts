// Owns: that the SDK gives the same bytes and verdicts in a browser as in Node. Not here: the seam itself (core/crypto/native.test.ts).
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { toHex } from '../core/base/bytes.ts'

/** A payment, its block and its proofs, made and judged by the modules as they are loaded now. */
async function loadAndRun() {
  const { NATIVE_PARTS } = await import('#native')
  const { createTinyChain } = await import('../test/helpers/tiny-chain.ts')
  const sdk = await import('./index.ts')
  const tiny = createTinyChain()
  const { chain } = tiny
  const wallet = sdk.createWallet({ seed: tiny.account('citizen-1').seed, keyId: 'k1', network: 'devnet' })
  const to = tiny.account('citizen-2').id
  const unsigned = sdk.buildTransaction({
    chain,
    sender: wallet.account,
    keyId: 'k1',
    nonce: 0n,
    validUntil: 9,
    ...sdk.transfer(chain, { to, amount: 4_500n }),
  })
  const tx = sdk.signTransaction(unsigned, wallet)
  const block = tiny.commitBlock([tx])
  const state = sdk.formatProof({ kind: 'state', ...tiny.proveState(block, sdk.STATE_KEYS.balance(wallet.account)) })
  const transaction = sdk.formatProof({ kind: 'transaction', ...tiny.proveTransaction(block, 0) })
  const trust = sdk.trustFromGenesis(tiny.genesisJson)
  const verify = (text: string, changedAt: number | null = null): boolean => {
    const proof = sdk.parseProof(text)
    if (changedAt !== null) proof.commit[changedAt] = (proof.commit[changedAt] ?? 0) ^ 1
    return (proof.kind === 'state' ? sdk.verifyStateProof({ trust, proof }) : sdk.verifyTransactionProof({ trust, proof })).ok
  }
  return {
    ed25519: NATIVE_PARTS.ed25519,
    address: wallet.address,
    bytes: toHex(tx.bytes),
    txId: tx.id,
    state,
    transaction,
    verify,
  }
}

let native: Awaited<ReturnType<typeof loadAndRun>>
let browser: Awaited<ReturnType<typeof loadAndRun>>

beforeAll(async () => {
  native = await loadAndRun()
  vi.resetModules()
  vi.doMock('#native', () => import('../core/crypto/native.browser.ts'))
  browser = await loadAndRun()
})

afterAll(() => {
  vi.doUnmock('#native')
  vi.resetModules()
})

test('the two runs are of the two implementations', () => {
  expect(native.ed25519).toBe('sodium-native')
  expect(browser.ed25519).toBe('@noble/ed25519')
})

test('a browser derives, builds and signs to the same bytes', () => {
  expect(browser.address).toBe(native.address)
  expect(browser.txId).toBe(native.txId)
  expect(browser.bytes).toBe(native.bytes)
})

test('state root, certificate and paths are the same bytes', () => {
  expect(browser.state).toBe(native.state)
  expect(browser.transaction).toBe(native.transaction)
})

test('each verifies what the other made, and refuses it with one bit of a signature changed', () => {
  for (const [judge, maker] of [
    [browser, native],
    [native, browser],
  ] as const) {
    for (const text of [maker.state, maker.transaction]) {
      expect(judge.verify(text)).toBe(true)
      expect(judge.verify(text, 200)).toBe(false)
    }
  }
})
