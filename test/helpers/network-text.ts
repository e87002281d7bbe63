// Owns: how accounts of a network read as text, for tests of the rooms below core/execution. Not here: the forms (core/crypto).
import type { TextContext } from '../../core/codec/schema.ts'
import type { NetworkName } from '../../core/crypto/address.ts'
import { textContextOf } from '../../core/execution/init-genesis.ts'

/** The text forms of one network. */
export function textOn(network: NetworkName): TextContext {
  return textContextOf(network)
}
