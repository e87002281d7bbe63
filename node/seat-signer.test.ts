// Owns: which key signs at which height: a seat gained, lost, rotated. Not here: signing itself (signer.test.ts).
import { describe, expect, it } from 'vitest'
import { must } from '../core/base/assert.ts'
import { toHex } from '../core/base/bytes.ts'
import { buildValidatorSet } from '../core/chain/validator-set.ts'
import type { ValidatorSet } from '../core/chain/validator-set.ts'
import { createSigner } from '../core/crypto/keys.ts'
import { TOY_CHAIN_ID, createToyVotes } from '../test/helpers/toy-votes.ts'
import type { ChainHead } from './chain-head.ts'
import { createSeatSigner } from './seat-signer.ts'
import type { ValidatorKey } from './seat-signer.ts'
import { initJournal, openJournal } from './storage/journal.ts'
import { createMemoryDisk } from './storage/memory-disk.ts'

const toy = createToyVotes()
const members = toy.set.validators
const first = must(members[0], 'a member')
const others = members.filter((validator) => validator !== first)
const disk = createMemoryDisk()

function keyOf(path: string, key: ReturnType<typeof createSigner>): ValidatorKey {
  const place = { path, chainTag: new Uint8Array(8), publicKeyHex: toHex(key.publicKey), disk }
  initJournal({ ...place, afterHeight: 0, atMs: 0 })
  return { key, publicKey: key.publicKey, journal: openJournal({ ...place, allowCreate: false }) }
}

const old = keyOf('/old', toy.memberAt(0).signer)
const next = keyOf('/next', createSigner(new Uint8Array(32).fill(77)))

function follow(keys: readonly ValidatorKey[], set: ValidatorSet) {
  let head = { height: 4, set } as ChainHead
  const said: string[] = []
  const say = (text: string): void => void said.push(text)
  const log = { debug: say, info: say, warn: say, error: say, child: () => log }
  const signer = createSeatSigner({
    chainId: TOY_CHAIN_ID,
    keys,
    head: () => head,
    log,
    firstRoundOf: () => 0,
    onRefused: () => undefined,
  })
  const move = (to: ValidatorSet): void => {
    head = { height: head.height + 1, set: to } as ChainHead
  }
  return { signer, said, move }
}

const vote = (blockId: string, height: number) => toy.vote(0, { height, blockId: blockId as never })

describe('the signer of the next height', () => {
  it('is there while one of the keys has a seat, and says so once', () => {
    const without = buildValidatorSet(others)
    const { signer, said, move } = follow([old], without)
    expect(signer()).toBeNull()
    move(toy.set)
    expect(signer()?.authority).toBe(first.authority)
    expect(signer()).toBe(signer())
    move(buildValidatorSet(members))
    const kept = signer()
    expect(kept?.authority).toBe(first.authority)
    move(without)
    expect(signer()).toBeNull()
    expect(said).toEqual([
      'The key has no seat at this height; the node follows as an observer',
      'This node signs as a validator',
      'The seat has ended',
    ])
  })

  it('signs by the new key from its height on, over the new key’s own journal', () => {
    const rotated = buildValidatorSet([{ ...first, publicKey: next.publicKey }, ...others])
    const { signer, move } = follow([old, next], toy.set)
    const { signature: _, ...unsigned } = vote('ab'.repeat(32), 5)
    expect(signer()?.signVote(unsigned)).not.toBeNull()
    expect([old.journal.state().last?.height, next.journal.state().last]).toEqual([5, null])
    move(rotated)
    expect(signer()?.signVote({ ...unsigned, height: 6 })).not.toBeNull()
    expect([old.journal.state().last?.height, next.journal.state().last?.height]).toEqual([5, 6])
    expect(signer()?.authority).toBe(first.authority)
  })

  it('is nobody without keys, and nothing is said', () => {
    const { signer, said } = follow([], toy.set)
    expect([signer(), said]).toEqual([null, []])
  })
})
