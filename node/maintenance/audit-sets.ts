// Owns: what an audit asks of the records of changes of validators: each final by the set before it, from the genesis on, and the
// same as the stored header and certificate where those are held. Not here: who validates (core/chain/set-change.ts).
import type { SignatureCheck } from '../../core/chain/certificate.ts'
import { SetChangeSchema, followSetChanges, setAfter } from '../../core/chain/set-change.ts'
import type { SetChange } from '../../core/chain/set-change.ts'
import type { ValidatorSet } from '../../core/chain/validator-set.ts'
import type { Genesis } from '../../core/execution/init-genesis.ts'
import type { Registry } from '../../core/execution/registry.ts'
import { cityOf, genesisSet } from '../recover.ts'
import { setChangeRecord } from '../storage/chain-store.ts'
import type { ChainStore } from '../storage/chain-store.ts'
import { KEYS } from '../storage/keys.ts'
import type { Store } from '../storage/level.ts'
import { createSetHistory } from '../storage/set-history.ts'
import type { SetHistory } from '../storage/set-history.ts'
import { assertRecord, readRecord, refuseRecord } from './audit-fault.ts'
import type { Signed } from './audit-signed.ts'

const BYTES_MAX = 1_048_576

type Parts = {
  readonly store: Store
  readonly chain: ChainStore
  readonly registry: Registry
  readonly genesis: Genesis
  readonly check: SignatureCheck
  readonly counts: Map<string, number>
}

/** Reads and checks every change of validators; the history that they give. */
export async function assertSetChanges({ store, chain, registry, genesis, check, counts }: Parts): Promise<SetHistory> {
  const origin = genesisSet(registry, genesis)
  const city = cityOf(registry, genesis)
  const changes: SetChange[] = []
  let set = origin
  for await (const [key] of store.range({ gte: 'v/', lt: 'v0' })) {
    const height = Number.parseInt(key.slice(2), 16)
    const change = readRecord(store, { key, height, schema: SetChangeSchema, bytesMax: BYTES_MAX })
    const followed = followSetChanges({ chainId: genesis.chainId, set, changes: [change], checkSignature: check, city })
    const isInPlace = change.header.height === height && key === KEYS.setChange(height)
    if (typeof followed === 'string' || !isInPlace) {
      const what = typeof followed === 'string' ? followed : `it is of height ${change.header.height}`
      refuseRecord({ key, height, what, expected: 'a change that a quorum of the set before it signed', found: 'another' })
    } else set = followed
    assertSameAsStored(store, chain, change)
    changes.push(change)
  }
  if (changes.length > 0) counts.set('v/', changes.length)
  return createSetHistory(origin, changes)
}

// Where the header is held the record must be the one that its commit wrote, certificate included.
function assertSameAsStored(store: Store, chain: ChainStore, change: SetChange): void {
  const { height } = change.header
  const held = store.get(KEYS.header(height))
  const certificate = held === null ? null : chain.certificateAt(height)
  const header = held === null ? null : chain.headerAt(height)
  if (certificate === null || header === null) return
  const { key, value } = setChangeRecord({ header, certificate, validators: change.validators, recovery: change.recovery })
  if (value !== null) assertRecord(store, { key, height, value })
}

/** The set that a header names for the height after it, where it is another one; null where it is the same. */
export function readNextSet(store: Store, { header }: Pick<Signed, 'header'>): ValidatorSet | null {
  const { height } = header
  if (header.nextValidatorsHash === header.validatorsHash) return null
  const key = KEYS.setChange(height)
  const change = readRecord(store, { key, height, schema: SetChangeSchema, bytesMax: BYTES_MAX })
  const expected = `validators with hash 0x${header.nextValidatorsHash}, which the signed header names`
  // A recovery voided what this header named; its own block is judged by it.
  if (change.recovery !== null) return null
  return setAfter({ ...change, header }) ?? refuseRecord({ key, height, what: 'others than it names', expected, found: 'others' })
}
