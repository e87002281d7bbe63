import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { journalPlaceOf } from '../../test/helpers/stored-chain.ts'
import { initJournal, openJournal } from '../storage/journal.ts'
import { assertMayRollBack, raiseSignFloor, readSignState } from './sign-state-file.ts'

const root = mkdtempSync(join(tmpdir(), 'naru-sign-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

function signedAt(name: string, height: number) {
  const place = journalPlaceOf(join(root, name), 'v1')
  initJournal({ ...place, afterHeight: 0 })
  const journal = openJournal({ ...place, allowCreate: false })
  const bytes = new Uint8Array(64).fill(7)
  journal.record({ height, round: 0, step: 2, blockIdHex: 'ab'.repeat(32), signBytes: bytes, signature: bytes })
  journal.close()
  return place
}

it('reads whose a sign state is and how far it reaches, without the key', () => {
  const place = signedAt('read', 40)
  expect(readSignState(place.path, place.chainTag)).toEqual({
    publicKeyHex: place.publicKeyHex,
    lastHeight: 40,
    lastRound: 0,
    floorHeight: 0,
  })
})

it('allows a rollback only to the last signed height or above', () => {
  const place = signedAt('rollback', 40)
  const state = readSignState(place.path, place.chainTag)
  expect(() => assertMayRollBack(state, 40)).not.toThrow()
  expect(() => assertMayRollBack(state, 39)).toThrow(/signed at height 40/)
})

it('raises the floor durably and never lowers it or forgets what was signed', () => {
  const place = signedAt('raise', 40)
  raiseSignFloor(place.path, place.chainTag, 55)
  raiseSignFloor(place.path, place.chainTag, 12)
  expect(readSignState(place.path, place.chainTag)).toMatchObject({ lastHeight: 40, floorHeight: 55 })
})

it('refuses a missing file, an unreadable one, and that of another chain', () => {
  const place = signedAt('other', 3)
  expect(() => readSignState(join(root, 'none'), place.chainTag)).toThrow(expect.objectContaining({ code: 'JOURNAL_MISSING' }))
  expect(() => readSignState(place.path, new Uint8Array(8))).toThrow(expect.objectContaining({ code: 'JOURNAL_CHAIN' }))
  writeFileSync(join(root, 'junk'), 'junk')
  expect(() => readSignState(join(root, 'junk'), place.chainTag)).toThrow(expect.objectContaining({ code: 'JOURNAL_CORRUPT' }))
})
