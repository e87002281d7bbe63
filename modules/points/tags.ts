// Owns: how persons and events are named: tags that say nothing to who lacks the programme's salt. Not here: who may use them.
import { utf8ToBytes } from '../../core/base/bytes.ts'
import type { Hash32 } from '../../core/base/ids.ts'
import { hashFields } from '../../core/crypto/hash.ts'

/** A person in a programme: one per person, whatever the number of accounts. The salt stays with the operator. */
export function personTagOf({ salt, pseudonym }: { salt: Uint8Array; pseudonym: Uint8Array }): Hash32 {
  return hashFields('pt-tag', salt, pseudonym)
}

/** An event by the number that the source system gave it, such as that of a tax receipt. */
export function eventIdOf(programmeId: string, sourceNumber: string): Hash32 {
  return hashFields('seoul/pt-event/v1', utf8ToBytes(programmeId), utf8ToBytes(sourceNumber))
}

/** A survey's token as event and as person: one reward per token, and none leads to a ballot. */
export function tokenTagOf(tokenInput: Uint8Array): Hash32 {
  return hashFields('tok', tokenInput)
}
