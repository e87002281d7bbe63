// Owns: tests of the recovery file's text. Not here: taking it up (recovery-start.test.ts).
import { expect, it } from 'vitest'
import { asHash32 } from '../core/base/ids.ts'
import { formatRecovery, parseRecovery, readRecovery } from './recovery-file.ts'
import type { RecoveryFile } from './recovery-file.ts'

const content = { chainId: 'naru-1', genesisHash: asHash32('0a'.repeat(32)), height: 7, blockId: asHash32('0b'.repeat(32)) }
const file: RecoveryFile = {
  network: 'devnet',
  recovery: { content: { ...content, firstRound: 100, validators: [] }, signatures: [] },
}

it('is read as it was written', () => {
  expect(parseRecovery(formatRecovery(file), 'a file')).toEqual(file)
})

it.each([
  ['no JSON', '{'],
  ['another format', formatRecovery(file).replace('naru-recovery/1', 'naru-recovery/9')],
  ['an unknown network', formatRecovery(file).replace('devnet', 'moonnet')],
  ['an unknown member', formatRecovery(file).replace('"signatures"', '"signature"')],
  ['a height below zero', formatRecovery(file).replace('"height": 7', '"height": -7')],
])('with %s is refused with its name', (_name, text) => {
  expect(() => parseRecovery(text, 'gift.json')).toThrow(expect.objectContaining({ code: 'RECOVERY_FILE' }))
  expect(() => parseRecovery(text, 'gift.json')).toThrow('gift.json is no recovery file')
})

it('that is not there is refused with its path', () => {
  expect(() => readRecovery('/nowhere/recovery.json')).toThrow('/nowhere/recovery.json')
})
