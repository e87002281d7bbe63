// Owns: tests of signing: guard, journal, what is handed back to a machine that restarts, and when a twin is a twin.
import { describe, expect, it } from 'vitest'
import { toHex } from '../core/base/bytes.ts'
import { asHash32 } from '../core/base/ids.ts'
import { verifyVote } from '../consensus/verify.ts'
import { verifySignature } from '../core/crypto/keys.ts'
import { TOY_CHAIN_ID, createToyVotes } from '../test/helpers/toy-votes.ts'
import { createConsensusSigner } from './signer.ts'
import { initJournal, openJournal } from './storage/journal.ts'
import { createMemoryDisk } from './storage/memory-disk.ts'
import type { MemoryDisk } from './storage/memory-disk.ts'

const toy = createToyVotes()
const { account, signer: key } = toy.memberAt(0)
const place = (disk: MemoryDisk) => ({
  path: '/sign-state',
  chainTag: new Uint8Array(8),
  publicKeyHex: toHex(account.publicKey),
  disk,
})
const a = asHash32('aa'.repeat(32))
const b = asHash32('bb'.repeat(32))

function openSigner(disk: MemoryDisk) {
  const journal = openJournal({ ...place(disk), allowCreate: false })
  const refused: string[] = []
  const signer = createConsensusSigner({
    chainId: TOY_CHAIN_ID,
    authority: account.address,
    key,
    journal,
    onRefused: (reason, conflict) => refused.push(`${conflict ? 'conflict' : 'guard'}: ${reason}`),
  })
  return { journal, signer, refused }
}

function createDisk(afterHeight = 0): MemoryDisk {
  const disk = createMemoryDisk()
  initJournal({ ...place(disk), afterHeight, atMs: 0 })
  disk.syncDirectorySync('/')
  return disk
}

const vote = (height: number, round: number, type: 'prevote' | 'precommit', blockId: typeof a | null, validRound = -1) => ({
  type,
  height,
  round,
  blockId,
  validRound,
  validator: account.address,
})

describe('a signature', () => {
  it('verifies, and is in the journal on the disk when it is handed out', () => {
    const disk = createDisk()
    const { signer } = openSigner(disk)
    const signed = signer.signVote(vote(1, 0, 'prevote', a))
    if (signed === null) throw new Error('not signed')
    expect(verifyVote({ chainId: TOY_CHAIN_ID, set: toy.set, message: signed, checkSignature: verifySignature })).toBeNull()
    const after = openSigner(disk.crash('lose'))
    expect(after.signer.signedBefore(1)?.prevote).toMatchObject(signed)
  })

  it('is the same one when the same is asked again, in this life and the next', () => {
    const disk = createDisk()
    const { signer } = openSigner(disk)
    const first = signer.signVote(vote(1, 0, 'prevote', a))
    expect(signer.signVote(vote(1, 0, 'prevote', a))).toEqual(first)
    expect(openSigner(disk.crash('lose')).signer.signVote(vote(1, 0, 'prevote', a))).toEqual(first)
  })

  it('is refused for a second content, for what lies below, and against the lock, each with its reason', () => {
    const { signer, refused } = openSigner(createDisk())
    signer.signVote(vote(2, 1, 'precommit', a))
    expect(signer.signVote(vote(2, 1, 'precommit', b))).toBeNull()
    expect(signer.signVote(vote(2, 0, 'prevote', null))).toBeNull()
    expect(signer.signVote(vote(1, 5, 'prevote', null))).toBeNull()
    expect(signer.signVote(vote(2, 2, 'prevote', b))).toBeNull()
    expect(refused.map((line) => line.split(':')[0])).toEqual(['conflict', 'guard', 'guard', 'conflict'])
    expect(signer.signVote(vote(2, 2, 'prevote', b, 1))).not.toBeNull()
  })

  it('does not leave when the journal cannot be written: the error does', () => {
    let isFull = false
    const disk = createMemoryDisk(() => {
      if (isFull) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' })
    })
    initJournal({ ...place(disk), afterHeight: 0, atMs: 0 })
    const { signer } = openSigner(disk)
    isFull = true
    expect(() => signer.signVote(vote(1, 0, 'prevote', a))).toThrow(expect.objectContaining({ code: 'JOURNAL_IO' }))
    isFull = false
    expect(() => signer.signVote(vote(1, 0, 'prevote', a))).toThrow(expect.objectContaining({ code: 'JOURNAL_IO' }))
  })
})

describe('what was signed before', () => {
  it('is the lock and the last message of each step of this very height', () => {
    const { signer } = openSigner(createDisk())
    const proposal = signer.signProposal({ height: 3, round: 0, blockId: a, validRound: -1, proposer: account.address })
    const prevote = signer.signVote(vote(3, 0, 'prevote', a))
    signer.signVote(vote(3, 0, 'precommit', a))
    const nil = signer.signVote(vote(3, 1, 'precommit', null))
    expect(signer.signedBefore(3)).toMatchObject({ lockedRound: 0, lockedId: a, proposal, prevote, precommit: nil })
    expect(signer.signedBefore(2)).toBeNull()
    expect(signer.signedBefore(4)).toBeNull()
  })
})

describe('a message under our key', () => {
  it('is foreign when it says something else than the journal, or lies beyond it', () => {
    const { signer } = openSigner(createDisk())
    signer.signVote(vote(3, 1, 'prevote', a))
    expect(signer.isForeign('prevote', toy.vote(0, { height: 3, round: 1, blockId: a }))).toBe(false)
    expect(signer.isForeign('prevote', toy.vote(0, { height: 3, round: 1, blockId: b }))).toBe(true)
    expect(signer.isForeign('precommit', toy.vote(0, { height: 3, round: 1, type: 'precommit', blockId: a }))).toBe(true)
    expect(signer.isForeign('prevote', toy.vote(0, { height: 3, round: 2, blockId: a }))).toBe(true)
    expect(signer.isForeign('prevote', toy.vote(0, { height: 4, round: 0, blockId: a }))).toBe(true)
    expect(signer.isForeign('prevote', toy.vote(0, { height: 3, round: 0, blockId: b }))).toBe(false)
  })

  it('is foreign to a key that has never signed', () => {
    expect(openSigner(createDisk()).signer.isForeign('prevote', toy.vote(0))).toBe(true)
  })

  it('may be our own up to a raised floor: a node whose journal was damaged follows, it does not accuse itself', () => {
    const { signer, journal } = openSigner(createDisk())
    signer.signVote(vote(3, 0, 'prevote', a))
    journal.raiseFloor(4)
    expect(signer.isForeign('precommit', toy.vote(0, { height: 3, type: 'precommit', blockId: a }))).toBe(false)
    expect(signer.isForeign('prevote', toy.vote(0, { height: 4 }))).toBe(false)
    expect(signer.isForeign('prevote', toy.vote(0, { height: 3, blockId: b }))).toBe(true)
    expect(signer.isForeign('prevote', toy.vote(0, { height: 5 }))).toBe(true)
    expect(signer.signVote(vote(4, 0, 'prevote', a))).toBeNull()
    expect(signer.signVote(vote(5, 0, 'prevote', a))).not.toBeNull()
  })

  it('is not foreign below the floor of a journal that an operator began anew', () => {
    const { signer } = openSigner(createDisk(10))
    expect(signer.isForeign('prevote', toy.vote(0, { height: 10 }))).toBe(false)
    expect(signer.isForeign('prevote', toy.vote(0, { height: 11 }))).toBe(true)
  })
})
