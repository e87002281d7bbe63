// Owns: how the identity section of the genesis document becomes state. Not here: its shape (schema.ts).
import { CodecError } from '../../core/base/errors.ts'
import type { BlockEnv } from '../../core/execution/module.ts'
import { setAccountClass } from '../../core/state/accounts.ts'
import type { WriteView } from '../../core/state/view.ts'
import { readChainParams } from '../governance/keeper.ts'
import { checkFirstKeys } from './keyset.ts'
import { isWeakKey } from './possession.ts'
import type { IdentityGenesis } from './schema.ts'
import { dids } from './store.ts'

/** Writes the founding DIDs. Throws CodecError naming the path of an entry that no rule would admit. */
export function initIdentity(view: WriteView, section: IdentityGenesis, block: BlockEnv): void {
  const classes = readChainParams(view).creditClasses.length
  section.dids.forEach(({ account, keys, creditClass }, index) => {
    const path = `identity.dids[${index}]`
    const records = keys.map(({ kid, publicKey, purposes }) => ({ kid, type: 'ED25519' as const, pub: publicKey, rel: purposes }))
    if (dids.has(view, account)) throw new CodecError(`${path}.account: stands in the list twice`)
    const found = checkFirstKeys(records)
    if (found !== null) throw new CodecError(`${path}.keys: ${found.code}: ${found.text}`)
    if (records.some(isWeakKey)) throw new CodecError(`${path}.keys: a public key is not canonical or of low order`)
    if (creditClass >= classes) throw new CodecError(`${path}.creditClass: ${creditClass}, the chain has ${classes} classes`)
    dids.set(view, account, {
      versionId: 1,
      controller: [],
      keys: records.map((key) => ({ ...key, addedAt: block.time, revokedAt: null })),
      services: [],
      status: 'ACTIVE',
      recovery: null,
      createdAt: block.time,
      updatedAt: block.time,
    })
    if (creditClass > 0) setAccountClass(view, account, creditClass)
  })
}
